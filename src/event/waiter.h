// Where a blocking caller waits for the event of its one operation, which no queue ever shows. Used
// by two threads without a lock: a caller that runs the loop itself finds the event there and never
// sleeps. Whoever comes second frees it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/instant.h"
#include "event/woken_callers.h"

namespace rmq::event {

class Event;

class Waiter;
// What a caller holds until its operation is accepted: `release` then, and the two threads share
// the waiter. Whatever fails before frees it once.
struct DiscardWaiter {
  void operator()(Waiter* waiter) const noexcept;
};
using UnsharedWaiter = std::unique_ptr<Waiter, DiscardWaiter>;

class Waiter {
 public:
  static UnsharedWaiter make() { return UnsharedWaiter(new Waiter); }

  // Loop thread. False: the caller gave up waiting, and the event stays with the loop. Frees the
  // waiter or lets the caller do it, who is put into `woken` when it sleeps.
  [[nodiscard]] bool finish(Event& event, WokenCallers& woken) noexcept;

  // Calling thread, before it waits.
  bool is_finished() const noexcept { return state_.load(std::memory_order_acquire) == kFinished; }
  // Calling thread. Null when the operation has not ended until `deadline`: its event is the loop's
  // to destroy. Frees the waiter or lets the loop do it. kNever, and the result is not null, for
  // operations whose end frees what the caller has lent them.
  Event* wait_until(base::Instant deadline) noexcept;
  // The same, so long from now.
  Event* wait(base::Duration wait) noexcept;

 private:
  friend DiscardWaiter;

  Waiter() = default;
  ~Waiter() = default;

  static constexpr std::uint32_t kPending = 0;    // nobody sleeps -> any other
  static constexpr std::uint32_t kSleeping = 1;   // the caller does -> finished, abandoned
  static constexpr std::uint32_t kFinished = 2;   // event_ is there: the caller frees the waiter
  static constexpr std::uint32_t kAbandoned = 3;  // the caller has gone: the loop frees the waiter

  std::atomic<std::uint32_t> state_{kPending};
  Event* event_ = nullptr;  // written before state_ says so
};

inline void DiscardWaiter::operator()(Waiter* waiter) const noexcept { delete waiter; }

}  // namespace rmq::event
