// Where a blocking caller waits for the event of its one operation, which no queue ever shows. Used
// by two threads, guarded by its own lock; whoever comes second frees it.
#pragma once

#include <memory>

#include "base/instant.h"
#include "base/mutex.h"

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
  // waiter or lets the caller do it.
  [[nodiscard]] bool finish(Event& event) noexcept;

  // Calling thread. Null when the operation has not ended within `wait`: its event is the loop's to
  // destroy. Frees the waiter or lets the loop do it.
  Event* wait(base::Duration wait);
  // Never null: for operations whose end frees what the caller has lent them.
  Event* wait_for_ever();

 private:
  friend DiscardWaiter;

  Waiter() = default;
  ~Waiter() = default;

  base::Mutex mutex_;
  base::Condition finished_;
  Event* event_ RMQ_GUARDED_BY(mutex_) = nullptr;
  bool abandoned_ RMQ_GUARDED_BY(mutex_) = false;
};

inline void DiscardWaiter::operator()(Waiter* waiter) const noexcept { delete waiter; }

}  // namespace rmq::event
