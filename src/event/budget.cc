#include "event/budget.h"

#include <cassert>

namespace rmq::event {

Budget::Budget(std::int64_t operations_max, std::int64_t bytes_max, Budget* common) noexcept
    : operations_max_(operations_max), bytes_max_(bytes_max), common_(common) {
  if (common_) common_->references_.fetch_add(1, std::memory_order_relaxed);
}

Budget::~Budget() {
  assert(operations() == 0);
  assert(bytes() == 0);
  if (common_) common_->drop_reference();
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

bool Budget::take(std::uint32_t bytes) noexcept {
  const std::int64_t operations = operations_.fetch_add(1) + 1;
  const std::int64_t total = bytes_.fetch_add(bytes) + bytes;
  if (operations <= operations_max_ && (total <= bytes_max_ || operations == 1)) return true;
  bytes_.fetch_sub(bytes);
  operations_.fetch_sub(1);
  return false;
}

void Budget::give_back(std::uint32_t bytes) noexcept {
  [[maybe_unused]] const std::int64_t bytes_before = bytes_.fetch_sub(bytes);
  [[maybe_unused]] const std::int64_t operations_before = operations_.fetch_sub(1);
  assert(bytes_before >= bytes);
  assert(operations_before > 0);
  if (waiters_.load() > 0) {
    base::MutexLock lock(mutex_);
    room_.notify_all();
  }
}

bool Budget::try_acquire(std::uint32_t bytes, const Budget** full) noexcept {
  const Budget* refuses = nullptr;
  if (!take(bytes)) {
    refuses = this;
  } else if (common_ && (common_->waiters_.load() > 0 || !common_->take(bytes))) {
    give_back(bytes);
    refuses = common_;
  }
  if (refuses != nullptr) {
    if (full != nullptr) *full = refuses;
    return false;
  }
  [[maybe_unused]] const auto before = references_.fetch_add(1, std::memory_order_relaxed);
  assert(before > 0 && "asked for room after its end");
  return true;
}

bool Budget::acquire(std::uint32_t bytes, base::Duration wait, const Budget** full) {
  if (try_acquire(bytes, full)) return true;
  const auto deadline = std::chrono::steady_clock::now() + wait;
  const Budget* refuses = nullptr;
  if (!wait_for_room(bytes, deadline)) {
    refuses = this;
  } else if (common_ && !common_->wait_in_line(bytes, deadline, *this)) {
    give_back(bytes);
    refuses = common_;
  }
  if (refuses != nullptr) {
    if (full != nullptr) *full = refuses;
    return false;
  }
  references_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool Budget::wait_for_room(std::uint32_t bytes, std::chrono::steady_clock::time_point deadline) {
  base::MutexLock lock(mutex_);
  // Announced before the next try, so that a release between the try and the wait sees a waiter and
  // takes the lock.
  waiters_.fetch_add(1);
  bool acquired = false;
  while (!closed_ && !(acquired = take(bytes))) {
    if (!room_.wait_until(lock, deadline)) {
      acquired = !closed_ && take(bytes);
      break;
    }
  }
  waiters_.fetch_sub(1);
  return acquired;
}

// Of a common budget, for one that shares it.
bool Budget::wait_in_line(std::uint32_t bytes, std::chrono::steady_clock::time_point deadline,
                          const Budget& sharer) {
  base::MutexLock lock(mutex_);
  Place place;
  line_.push_back(place);
  waiters_.fetch_add(1);
  bool acquired = false;
  for (bool is_in_time = true; !sharer.closed_ && !closed_;) {
    acquired = line_.front() == &place && take(bytes);
    if (acquired || !is_in_time) break;
    is_in_time = room_.wait_until(lock, deadline);
  }
  place.unlink();
  waiters_.fetch_sub(1);
  if (!line_.is_empty()) room_.notify_all();  // the next one may find room
  return acquired;
}

void Budget::release(std::uint32_t bytes) noexcept {
  if (common_) common_->give_back(bytes);
  give_back(bytes);
  drop_reference();
}

void Budget::close() noexcept {
  {
    base::MutexLock lock(mutex_);
    closed_ = true;
    room_.notify_all();
  }
  if (common_ == nullptr) return;
  base::MutexLock lock(common_->mutex_);
  common_->room_.notify_all();
}

}  // namespace rmq::event
