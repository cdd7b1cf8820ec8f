// Every stored message is consumed by every group that wants it. Exempt: dead letters, and
// what a broker's loss of memory takes with it: messages that waited there to be consumed again,
// and offsets that clients had passed before.
#include <map>

#include "tests/property/invariant.h"

namespace rmq::sim {
namespace {

class AllConsumed final : public Invariant {
 public:
  using Invariant::Invariant;

  std::string name_unsettled() override {
    world().audit.scan();
    if (const std::size_t delayed = world().audit.delayed_count(); delayed > 0) {
      return std::to_string(delayed) + " messages wait for their delay";
    }
    const auto& queues = world().audit.queues();
    for (std::size_t i = 0; i < queues.size(); ++i) {
      if (queues[i].topic != kTopic) continue;
      for (const GroupPlan& group : world().groups) {
        const std::string missing = advance(i, queues[i], group);
        if (!missing.empty()) return missing;
      }
    }
    return {};
  }

 private:
  struct Progress {
    int generation = 0;
    std::size_t checked = 0;
  };

  std::string advance(std::size_t index, const AuditedQueue& queue, const GroupPlan& group) {
    Progress& progress = progress_[{index, group.name}];
    if (progress.generation != queue.generation) progress = {queue.generation, 0};
    for (; progress.checked < queue.entries.size(); ++progress.checked) {
      const StoredEntry& entry = queue.entries[progress.checked];
      if (static_cast<std::int64_t>(progress.checked) < queue.unsafe_below) continue;
      if (!group.wants(entry.tag) || world().audit.is_dead_letter(group.name, entry.key) ||
          world().audit.was_lost_in_retry(group.name, entry.key)) {
        continue;
      }
      const ConsumeRecord* seen = world().ledger.find(group.name, entry.key);
      if (seen == nullptr || seen->consumed == 0) {
        return group.name + " has not consumed message " + entry.key + ", offset " +
               std::to_string(progress.checked) + " of queue " + std::to_string(queue.queue_id) +
               " of broker " + std::to_string(queue.broker) + ", delivered " +
               std::to_string(seen == nullptr ? 0 : seen->deliveries) + " times";
      }
    }
    return {};
  }

  std::map<std::pair<std::size_t, std::string>, Progress> progress_;
};

const Registration<InvariantKind> kRegistration{{"all_consumed", make_invariant<AllConsumed>}};

}  // namespace
}  // namespace rmq::sim
