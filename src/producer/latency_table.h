// Which brokers to leave alone for a while (protocol.md 9.2, Java's MQFaultStrategy). A broker that
// let a send run out of time is avoided for two seconds, then for four, and for ten at most. With
// send_latency_fault_enable it is ten at once. A broker that was slow is then avoided too, the
// longer the slower it was, and so is one that failed otherwise. Nobody is avoided when there is no
// other: then any broker is chosen, as if there was no table.
//
// The connection knows by itself when nothing comes from a broker at all (Connection::is_away). The
// table acts before that is certain, and where a broker answers everything but sends.
//
// While a broker counts as unreachable, it is asked for an offset every three seconds. An answer
// makes it reachable again, but shortens no time for which it is avoided: a broker whose store is
// stuck answers such questions.
//
// Loop thread, except has_faults(). Owned by the SendRouter.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/host.h"
#include "cluster/call_set.h"
#include "producer/attempt_listener.h"
#include "producer/fault_item.h"

namespace rmq::producer {

class LatencyTable final : public AttemptListener, private remoting::DeadlineHandler {
 public:
  // `avoids_slow`: send_latency_fault_enable. The host may have no core yet.
  LatencyTable(client::Host& host, bool avoids_slow);
  ~LatencyTable();
  LatencyTable(const LatencyTable&) = delete;
  LatencyTable& operator=(const LatencyTable&) = delete;

  // The item for a broker of a route; the same for as long as somebody holds it. Throws
  // std::bad_alloc.
  std::shared_ptr<FaultItem> item(std::string_view broker_name, cluster::Endpoint& master);
  // False: all brokers are well, and their items need not be looked at. Any thread.
  bool has_faults() const { return has_faults_.load(std::memory_order_relaxed); }
  // Tries that ended well tell something.
  bool wants_successes() const { return avoids_slow_ || has_faults(); }
  // Asks no broker any more.
  void stop() noexcept;

  void on_try_ended(const SendAttempt& attempt, const AttemptResult& result,
                    base::Duration took) noexcept override;

  std::size_t size() const { return items_.size(); }  // for tests
  std::size_t faulty() const { return faulty_.size(); }

 private:
  using Items = std::map<std::pair<std::uint64_t, std::string>, std::weak_ptr<FaultItem>>;

  client::ClientCore& core() const { return host_.core(); }
  base::Instant now() const { return core().loop().now(); }
  static FaultItem* find_item(const SendAttempt& attempt);
  void note_latency(const SendAttempt& attempt, base::Duration latency) noexcept;
  void note_timeout(const SendAttempt& attempt, base::Duration took) noexcept;
  void note_unreachable(const SendAttempt& attempt, base::Duration rest) noexcept;
  void avoid(const SendAttempt& attempt, base::Duration duration) noexcept;
  void list(std::shared_ptr<FaultItem> item) noexcept;
  void forget_the_well() noexcept;
  void on_deadline(remoting::Deadline& deadline) override;
  void ask(const std::shared_ptr<FaultItem>& item);

  client::Host& host_;
  const bool avoids_slow_;
  std::atomic<bool> has_faults_{false};
  Items items_;                                     // by endpoint and name
  std::vector<std::shared_ptr<FaultItem>> faulty_;  // has room for all items
  std::size_t items_kept_ = 0;                      // when those without a route were last dropped
  remoting::Deadline check_due_;                    // while there are faulty ones
  std::optional<cluster::CallSet> questions_;       // made for the first one
};

}  // namespace rmq::producer
