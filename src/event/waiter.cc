#include "event/waiter.h"

#include <chrono>

namespace rmq::event {

bool Waiter::finish(Event& event) noexcept {
  {
    std::lock_guard lock(mutex_);
    if (!abandoned_) {
      event_ = &event;
      finished_
          .notify_one();  // under the lock: the waiting thread frees the waiter as soon as it can
      return true;
    }
  }
  delete this;
  return false;
}

Event* Waiter::wait(base::Duration wait) {
  {
    std::unique_lock lock(mutex_);
    finished_.wait_until(lock, std::chrono::steady_clock::now() + wait,
                         [this] { return event_ != nullptr; });
    if (!event_) {
      abandoned_ = true;
      return nullptr;
    }
  }
  Event* event = event_;
  delete this;
  return event;
}

}  // namespace rmq::event
