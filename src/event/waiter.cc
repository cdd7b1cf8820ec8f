#include "event/waiter.h"

#include <chrono>

namespace rmq::event {

bool Waiter::finish(Event& event) noexcept {
  {
    base::MutexLock lock(mutex_);
    if (!abandoned_) {
      event_ = &event;
      // Under the lock: the waiting thread frees the waiter as soon as it can.
      finished_.notify_one();
      return true;
    }
  }
  delete this;
  return false;
}

Event* Waiter::wait(base::Duration wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  Event* event = nullptr;
  {
    base::MutexLock lock(mutex_);
    while (!event_ && finished_.wait_until(lock, until)) {
    }
    event = event_;
    abandoned_ = event == nullptr;
  }
  if (event) delete this;
  return event;
}

Event* Waiter::wait_for_ever() {
  Event* event = nullptr;
  {
    base::MutexLock lock(mutex_);
    while (!event_) finished_.wait(lock);
    event = event_;
  }
  delete this;
  return event;
}

}  // namespace rmq::event
