// Of each key, what a process has sent with order, and what ended well, is stored in that order in
// each queue that the key had, and ended in that order.
#include <map>

#include "tests/property/invariant.h"

namespace rmq::sim {
namespace {

class Ordered final : public Invariant {
 public:
  using Invariant::Invariant;

  void conclude() override {
    world().audit.scan();
    check_ends();
    for (const AuditedQueue& queue : world().audit.queues()) {
      if (queue.topic == kTopic) check_queue(queue);
    }
  }

 private:
  static bool counts(const SendRecord& send) { return !send.order.empty() && send.is_applied; }

  void check_ends() {
    std::map<std::string, std::uint64_t> last;  // by process and key
    for (const SendRecord& send : world().ledger.sends) {
      if (!counts(send) || send.is_given_up) continue;
      ++world().ledger.checked_ordered;
      std::uint64_t& before = last[send.order];
      if (send.ended_as < before) report("send " + send.key + " of " + send.order + " ended early");
      before = send.ended_as;
    }
  }

  void check_queue(const AuditedQueue& queue) {
    std::map<std::string, std::size_t> first;  // by key in KEYS
    for (std::size_t i = 0; i < queue.entries.size(); ++i)
      first.try_emplace(queue.entries[i].key, i);
    std::map<std::string, std::pair<std::size_t, std::string>> last;  // by process and key
    for (const SendRecord& send : world().ledger.sends) {
      const auto place = first.find(send.key);
      if (!counts(send) || place == first.end()) continue;
      auto& [before, key] = last[send.order];
      if (!key.empty() && place->second < before) {
        report("send " + send.key + " of " + send.order + " is stored before " + key +
               " in queue " + std::to_string(queue.queue_id) + " of broker " +
               std::to_string(queue.broker));
      }
      before = place->second;
      key = send.key;
    }
  }
};

const Registration<InvariantKind> kOrdered{{"ordered", make_invariant<Ordered>}};

}  // namespace
}  // namespace rmq::sim
