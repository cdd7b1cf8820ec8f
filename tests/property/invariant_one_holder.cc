// Once the faults are over, no queue is held by two members of a group for longer than a rebalance
// takes to come to all of them, and at rest each is held by one. While there are faults it may be:
// what a broker says of the members is as old as the last connection to it.
#include <map>
#include <tuple>

#include "tests/property/consumer_process.h"
#include "tests/property/invariant.h"

namespace rmq::sim {
namespace {

// A heartbeat interval until a broker knows a member, a rebalance interval until all have looked,
// and some time on the way.
constexpr base::Duration kWindow = std::chrono::seconds(30 + 20 + 10);

class OneHolder final : public Invariant {
 public:
  using Invariant::Invariant;

  void look() override {
    count_holders();
    if (!world().is_ending) return;
    std::erase_if(shared_since_, [this](const auto& shared) {
      const auto holders = holders_.find(shared.first);
      return holders == holders_.end() || holders->second < 2;
    });
    for (const auto& [queue, holders] : holders_) {
      if (holders < 2) continue;
      const auto since = shared_since_.try_emplace(queue, world().now()).first->second;
      if (world().now() - std::max(since, world().disturbed_at) > kWindow) {
        report(name(queue) + " is held by " + std::to_string(holders) + " members");
      }
    }
  }

  std::string name_unsettled() override {
    count_holders();
    for (const GroupPlan& group : world().groups) {
      for (std::size_t i = 0; i < world().broker_count(); ++i) {
        const testbroker::Server& server = world().broker(i);
        const std::int32_t queues = world().broker(i).state().find_topic(kTopic)->read_queues;
        for (std::int32_t id = 0; id < queues; ++id) {
          const Queue queue{group.name, server.options().broker_name, id};
          const int holders = holders_[queue];
          if (holders != 1) return name(queue) + " has " + std::to_string(holders) + " holders";
        }
      }
    }
    return {};
  }

 private:
  using Queue = std::tuple<std::string, std::string, std::int32_t>;  // group, broker, id

  static std::string name(const Queue& queue) {
    return "queue " + std::to_string(std::get<2>(queue)) + " of " + std::get<1>(queue) + " in " +
           std::get<0>(queue);
  }
  void count_holders() {
    holders_.clear();
    for (const auto& process : world().consumers) {
      if (!process->is_member()) continue;
      for (const consumer::ProcessQueue* held : process->consumer().queues()) {
        if (held->queue().topic != kTopic) continue;
        ++holders_[{process->group().name, held->queue().broker_name, held->queue().queue_id}];
      }
    }
  }

  std::map<Queue, int> holders_;
  std::map<Queue, base::Instant> shared_since_;
};

const Registration<InvariantKind> kOneHolder{{"one_holder", make_invariant<OneHolder>}};

}  // namespace
}  // namespace rmq::sim
