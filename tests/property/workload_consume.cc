// Consumer groups whose members join, leave, and lose their power.
#include "tests/property/consumer_process.h"
#include "tests/property/workload.h"

namespace rmq::sim {
namespace {

constexpr const char* kExpressions[] = {"*", "a", "a || b"};
constexpr std::int64_t kMembersMax = 4;

class ConsumeWorkload final : public Workload {
 public:
  ConsumeWorkload(World& world, std::uint64_t seed) : world_(world), draw_(seed) {}

  void start() override {
    const auto groups = draw_.between(1, 2);
    for (std::int64_t i = 0; i < groups; ++i) {
      const GroupPlan group{"group_" + std::to_string(i),
                            i == 0 ? "*" : kExpressions[draw_.below(std::size(kExpressions))]};
      world_.groups.push_back(group);
      const auto members = draw_.between(1, 3);
      for (std::int64_t n = 0; n < members; ++n) world_.add_consumer(group, draw_.seed());
      plan_next(group);
    }
  }

  void end() override {
    for (const GroupPlan& group : world_.groups) {
      bool has_member = false;
      for (const auto& consumer : world_.consumers) {
        if (consumer->group().name != group.name || !consumer->is_member()) continue;
        consumer->behave();
        has_member = true;
      }
      if (!has_member) world_.add_consumer(group, draw_.seed()).behave();
    }
  }

 private:
  void plan_next(const GroupPlan& group) {
    const base::Duration pause = draw_.between(base::milliseconds(1000), base::milliseconds(15000));
    world_.after(pause, [this, group] { act(group); });
  }

  void act(const GroupPlan& group) {
    if (world_.is_ending) return;
    std::vector<ConsumerProcess*> members;
    for (const auto& consumer : world_.consumers) {
      if (consumer->group().name == group.name && consumer->is_member()) {
        members.push_back(consumer.get());
      }
    }
    if (members.empty() || (members.size() < kMembersMax && draw_.chance(0.5))) {
      world_.add_consumer(group, draw_.seed());
    } else {
      ConsumerProcess& member = *members[draw_.below(members.size())];
      if (draw_.chance(0.6)) {
        member.leave(draw_.between(base::milliseconds(0), base::milliseconds(3000)));
      } else {
        member.end(draw_.between(base::milliseconds(0), base::milliseconds(1000)));
      }
    }
    plan_next(group);
  }

  World& world_;
  Draw draw_;
};

const Registration<WorkloadKind> kConsumeWorkload{
    {"consume", [](World& world, std::uint64_t seed) -> std::unique_ptr<Workload> {
       return std::make_unique<ConsumeWorkload>(world, seed);
     }}};

}  // namespace
}  // namespace rmq::sim
