#include "event/dispatch_threads.h"

#include <algorithm>
#include <cassert>

namespace rmq::event {

bool DispatchThreads::has_current() const {
  base::MutexLock lock(mutex_);
  return std::find(ids_.begin(), ids_.end(), std::this_thread::get_id()) != ids_.end();
}

std::size_t DispatchThreads::count() const {
  base::MutexLock lock(mutex_);
  return count_;
}

bool DispatchThreads::wait_until_none(base::Condition::TimePoint time) {
  base::MutexLock lock(mutex_);
  while (count_ > 0) {
    if (!none_.wait_until(lock, time)) return count_ == 0;
  }
  return true;
}

void DispatchThreads::note_begun() {
  base::MutexLock lock(mutex_);
  ids_.reserve(count_ + 1);
  ++count_;
}

void DispatchThreads::note_entered() noexcept {
  base::MutexLock lock(mutex_);
  ids_.push_back(std::this_thread::get_id());
}

void DispatchThreads::note_ended(bool was_entered) noexcept {
  base::MutexLock lock(mutex_);
  assert(count_ > 0);
  --count_;
  if (was_entered) ids_.erase(std::find(ids_.begin(), ids_.end(), std::this_thread::get_id()));
  if (count_ == 0) none_.notify_all();
}

}  // namespace rmq::event
