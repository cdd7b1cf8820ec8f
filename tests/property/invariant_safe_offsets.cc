// No committed offset passes a message that its group has neither consumed nor sent back. Exempt:
// offsets of a broker that lost its memory which were in use before. At rest each one is at the end
// of its queue.
#include <map>

#include "protocol/names.h"
#include "tests/property/invariant.h"

namespace rmq::sim {
namespace {

class SafeOffsets final : public Invariant {
 public:
  using Invariant::Invariant;

  void look() override {
    world().audit.scan();
    for_each([this](std::size_t index, const AuditedQueue& queue, const GroupPlan& group,
                    std::int64_t committed) {
      check(index, queue, group, committed);
      return true;
    });
  }

  std::string name_unsettled() override {
    world().audit.scan();
    std::string missing;
    for_each([&missing](std::size_t, const AuditedQueue& queue, const GroupPlan& group,
                        std::int64_t committed) {
      if (committed >= static_cast<std::int64_t>(queue.entries.size())) return true;
      missing = group.name + " is at " + std::to_string(committed) + " of " +
                std::to_string(queue.entries.size()) + " in queue " +
                std::to_string(queue.queue_id) + " of " + queue.topic + " on broker " +
                std::to_string(queue.broker);
      return false;
    });
    return missing;
  }

  void conclude() override { look(); }

 private:
  struct Progress {
    int generation = 0;
    std::int64_t checked = 0;
  };

  // Until `visit` says false.
  template <typename Visit>
  void for_each(Visit visit) {
    const auto& queues = world().audit.queues();
    for (std::size_t i = 0; i < queues.size(); ++i) {
      for (const GroupPlan& group : world().groups) {
        if (queues[i].topic != kTopic && queues[i].topic != protocol::retry_topic(group.name)) {
          continue;
        }
        const auto committed = world()
                                   .broker(queues[i].broker)
                                   .offsets()
                                   .find(group.name, queues[i].topic, queues[i].queue_id);
        if (!visit(i, queues[i], group, committed.value_or(0))) return;
      }
    }
  }

  void check(std::size_t index, const AuditedQueue& queue, const GroupPlan& group,
             std::int64_t committed) {
    Progress& progress = progress_[{index, group.name}];
    if (progress.generation != queue.generation) progress = {queue.generation, 0};
    const auto end = static_cast<std::int64_t>(queue.entries.size());
    if (committed > end && queue.generation == 0)
      report(name(queue, group, committed) + ", beyond its end");
    for (; progress.checked < std::min(committed, end); ++progress.checked) {
      if (progress.checked < queue.unsafe_below) continue;
      const StoredEntry& entry = queue.entries[static_cast<std::size_t>(progress.checked)];
      if (queue.topic == kTopic && !group.wants(entry.tag)) continue;
      ++world().ledger.checked_offsets;
      const ConsumeRecord* seen = world().ledger.find(group.name, entry.key);
      if (seen != nullptr && was_consumed(queue, progress.checked, *seen)) continue;
      if (world().audit.was_sent_back(group.name, entry.key, entry.reconsume_times + 1)) continue;
      report(name(queue, group, committed) + ", and offset " + std::to_string(progress.checked) +
             " was not consumed");
    }
  }

  bool was_consumed(const AuditedQueue& queue, std::int64_t offset, const ConsumeRecord& seen) {
    if (queue.topic != kTopic) return seen.consumed_again > 0;
    return seen.places.contains(
        {world().broker(queue.broker).options().broker_name, queue.queue_id, offset});
  }
  static std::string name(const AuditedQueue& queue, const GroupPlan& group,
                          std::int64_t committed) {
    return group.name + " has committed " + std::to_string(committed) + " in queue " +
           std::to_string(queue.queue_id) + " of " + queue.topic + " on broker " +
           std::to_string(queue.broker);
  }

  std::map<std::pair<std::size_t, std::string>, Progress> progress_;
};

const Registration<InvariantKind> kSafeOffsets{{"safe_offsets", make_invariant<SafeOffsets>}};

}  // namespace
}  // namespace rmq::sim
