#include "event/budget.h"

#include <cassert>
#include <chrono>

namespace rmq::event {

Budget::~Budget() {
  assert(operations() == 0);
  assert(bytes() == 0);
}

void Budget::drop_reference() noexcept {
  const std::int64_t before = references_.fetch_sub(1, std::memory_order_acq_rel);
  assert(before > 0);
  if (before == 1) delete this;
}

void Budget::orphan() noexcept {
  close();
  drop_reference();
}

bool Budget::try_acquire(std::uint32_t bytes) noexcept {
  const std::int64_t operations = operations_.fetch_add(1) + 1;
  const std::int64_t total = bytes_.fetch_add(bytes) + bytes;
  if (operations <= operations_max_ && (total <= bytes_max_ || operations == 1)) {
    [[maybe_unused]] const auto before = references_.fetch_add(1, std::memory_order_relaxed);
    assert(before > 0 && "asked for room after its end");
    return true;
  }
  bytes_.fetch_sub(bytes);
  operations_.fetch_sub(1);
  return false;
}

bool Budget::acquire(std::uint32_t bytes, base::Duration wait) {
  if (try_acquire(bytes)) return true;
  const auto deadline = std::chrono::steady_clock::now() + wait;
  base::MutexLock lock(mutex_);
  // Announced before the next try, so that a release between the try and the wait sees a waiter and
  // takes the lock.
  waiters_.fetch_add(1);
  bool acquired = false;
  while (!closed_ && !(acquired = try_acquire(bytes))) {
    if (!room_.wait_until(lock, deadline)) {
      acquired = !closed_ && try_acquire(bytes);
      break;
    }
  }
  waiters_.fetch_sub(1);
  return acquired;
}

void Budget::release(std::uint32_t bytes) noexcept {
  [[maybe_unused]] const std::int64_t bytes_before = bytes_.fetch_sub(bytes);
  [[maybe_unused]] const std::int64_t operations_before = operations_.fetch_sub(1);
  assert(bytes_before >= bytes);
  assert(operations_before > 0);
  if (waiters_.load() > 0) {
    base::MutexLock lock(mutex_);
    room_.notify_all();
  }
  drop_reference();
}

void Budget::close() noexcept {
  base::MutexLock lock(mutex_);
  closed_ = true;
  room_.notify_all();
}

}  // namespace rmq::event
