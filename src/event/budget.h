// Bounds what one producer may have in flight: operations, and the bytes they hold, counted from
// their acceptance until their event is taken. This is the back-pressure of the whole send path.
// The inbox, the connections and the event queue need no bound of their own for operations, because
// none exists outside a budget.
//
// Any thread. A budget lives until its owner and everything that holds room in it are gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/instant.h"
#include "base/mutex.h"

namespace rmq::event {

class Budget {
 public:
  // Of the one owner. The budget stays for those who hold room in it.
  struct Orphan {
    void operator()(Budget* budget) const noexcept { budget->orphan(); }
  };
  using Owned = std::unique_ptr<Budget, Orphan>;

  static Owned make(std::int64_t operations_max, std::int64_t bytes_max) {
    return Owned(new Budget(operations_max, bytes_max));
  }

  // Takes room, or returns false at once. An operation larger than bytes_max is let in when nothing
  // else is in flight.
  bool try_acquire(std::uint32_t bytes) noexcept;
  // Takes room, waiting up to `wait` for it. False: none came in time, or close() was called.
  bool acquire(std::uint32_t bytes, base::Duration wait);
  void release(std::uint32_t bytes) noexcept;

  // Ends every wait, now and later.
  void close() noexcept;

  std::int64_t operations() const { return operations_.load(std::memory_order_relaxed); }
  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  std::int64_t operations_max() const { return operations_max_; }
  std::int64_t bytes_max() const { return bytes_max_; }

 private:
  Budget(std::int64_t operations_max, std::int64_t bytes_max)
      : operations_max_(operations_max), bytes_max_(bytes_max) {}
  ~Budget();
  void orphan() noexcept;
  void drop_reference() noexcept;

  const std::int64_t operations_max_;
  const std::int64_t bytes_max_;
  std::atomic<std::int64_t> references_{1};  // the owner, and each operation in flight
  std::atomic<std::int64_t> operations_{0};
  std::atomic<std::int64_t> bytes_{0};
  std::atomic<int> waiters_{0};
  base::Mutex mutex_;  // for waits only
  base::Condition room_;
  bool closed_ RMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace rmq::event
