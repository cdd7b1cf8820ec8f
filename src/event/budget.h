// Bounds what one producer may have in flight: operations, and the bytes they hold, counted from
// their acceptance until their event is taken. This is the back-pressure of the whole send path.
// The inbox, the connections and the event queue need no bound of their own for operations, because
// none exists outside a budget.
//
// A budget may have a share in a common one, that of the runtime: what it takes, it takes there
// too. Those who wait for room of the common budget get it in the order in which they came. While
// somebody waits there, nobody else is let in. So one producer that takes room again and again
// does not keep the others out.
//
// Any thread. A budget lives until its owner and everything that holds room in it are gone. A
// common one also waits for those that share it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>

#include "base/instant.h"
#include "base/intrusive_list.h"
#include "base/mutex.h"

namespace rmq::event {

class Budget {
 public:
  // Of the one owner. The budget stays for those who hold room in it.
  struct Orphan {
    void operator()(Budget* budget) const noexcept { budget->orphan(); }
  };
  static constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();
  using Owned = std::unique_ptr<Budget, Orphan>;

  // `common`: the budget that this one shares with others, or null.
  static Owned make(std::int64_t operations_max, std::int64_t bytes_max, Budget* common = nullptr) {
    return Owned(new Budget(operations_max, bytes_max, common));
  }

  // Takes room, or returns false at once; `full` (may be null) is then the budget that has none,
  // this or the common one. An operation larger than bytes_max is let in when nothing else is in
  // flight.
  bool try_acquire(std::uint32_t bytes, const Budget** full = nullptr) noexcept;
  // Takes room, waiting up to `wait` for it. False: none came in time, or close() was called.
  bool acquire(std::uint32_t bytes, base::Duration wait, const Budget** full = nullptr);
  void release(std::uint32_t bytes) noexcept;

  // Ends every wait, now and later.
  void close() noexcept;

  std::int64_t operations() const { return operations_.load(std::memory_order_relaxed); }
  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  int waiters() const { return waiters_.load(); }  // for tests
  std::int64_t operations_max() const { return operations_max_; }
  std::int64_t bytes_max() const { return bytes_max_; }

 private:
  struct Place : base::ListNode<Place> {};  // of a caller in the line

  Budget(std::int64_t operations_max, std::int64_t bytes_max, Budget* common) noexcept;
  ~Budget();
  bool take(std::uint32_t bytes) noexcept;
  void give_back(std::uint32_t bytes) noexcept;
  bool wait_for_room(std::uint32_t bytes, std::chrono::steady_clock::time_point deadline);
  bool wait_in_line(std::uint32_t bytes, std::chrono::steady_clock::time_point deadline,
                    const Budget& sharer);
  void orphan() noexcept;
  void drop_reference() noexcept;

  const std::int64_t operations_max_;
  const std::int64_t bytes_max_;
  Budget* const common_;
  std::atomic<std::int64_t> references_{1};  // the owner, each operation, each that shares it
  std::atomic<std::int64_t> operations_{0};
  std::atomic<std::int64_t> bytes_{0};
  std::atomic<int> waiters_{0};
  base::Mutex mutex_;  // for waits only
  base::Condition room_;
  std::atomic<bool> closed_{false};                                // set with the mutex
  base::IntrusiveList<Place, Place> line_ RMQ_GUARDED_BY(mutex_);  // of the common budget
};

}  // namespace rmq::event
