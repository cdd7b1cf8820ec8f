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
      ++world().ledger.checked_messages;
      if (static_cast<std::int64_t>(progress.checked) < queue.unsafe_below) {
        ++world().ledger.exempt_messages;
        continue;
      }
      if (!group.wants(entry.tag)) continue;
      const ConsumeRecord* seen = world().ledger.find(group.name, entry.key);
      if (!is_consumed(queue, progress.checked, group, seen) && !is_exempt(entry, group, seen)) {
        return group.name + " has not consumed message " + entry.key + ", offset " +
               std::to_string(progress.checked) + " of queue " + std::to_string(queue.queue_id) +
               " of broker " + std::to_string(queue.broker) + ", delivered " +
               std::to_string(seen == nullptr ? 0 : seen->deliveries) + " times";
      }
    }
    return {};
  }

  // This copy was consumed where it is, or was sent back and consumed from the retry topic.
  bool is_consumed(const AuditedQueue& queue, std::size_t offset, const GroupPlan& group,
                   const ConsumeRecord* seen) {
    if (seen == nullptr) return false;
    const StoredEntry& entry = queue.entries[offset];
    return seen->places.contains({world().broker(queue.broker).options().broker_name,
                                  queue.queue_id, static_cast<std::int64_t>(offset)}) ||
           (seen->consumed_again > 0 &&
            world().audit.was_sent_back(group.name, entry.key, entry.reconsume_times + 1));
  }
  bool is_exempt(const StoredEntry& entry, const GroupPlan& group, const ConsumeRecord* seen) {
    constexpr int kDeliveriesOfADeadLetter = 17;
    const bool is_dead = world().audit.is_dead_letter(group.name, entry.key) && seen != nullptr &&
                         seen->deliveries >= kDeliveriesOfADeadLetter;
    if (!is_dead && !world().audit.was_lost_in_retry(group.name, entry.key)) return false;
    ++world().ledger.exempt_messages;
    return true;
  }

  std::map<std::pair<std::size_t, std::string>, Progress> progress_;
};

const Registration<InvariantKind> kAllConsumed{{"all_consumed", make_invariant<AllConsumed>}};

}  // namespace
}  // namespace rmq::sim
