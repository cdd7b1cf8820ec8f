#include "event/waiter.h"

#include <chrono>

#include "base/futex.h"

namespace rmq::event {

bool Waiter::finish(Event& event, WokenCallers& woken) noexcept {
  event_ = &event;
  const std::atomic<std::uint32_t>& word = state_;
  // From here on the caller may free the waiter, unless it has gone.
  const std::uint32_t before = state_.exchange(kFinished, std::memory_order_acq_rel);
  if (before == kAbandoned) {
    delete this;
    return false;
  }
  if (before == kSleeping) woken.add(word);
  return true;
}

Event* Waiter::wait_until(base::Instant deadline) noexcept {
  std::uint32_t state = kPending;
  state_.compare_exchange_strong(state, kSleeping, std::memory_order_acq_rel);
  while (!is_finished()) {
    if (base::futex_wait(state_, kSleeping, deadline)) continue;
    state = kSleeping;
    if (state_.compare_exchange_strong(state, kAbandoned, std::memory_order_acq_rel))
      return nullptr;
  }
  Event* event = event_;
  delete this;
  return event;
}

Event* Waiter::wait(base::Duration wait) noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return wait_until(base::Instant(std::chrono::duration_cast<base::Duration>(now) + wait));
}

}  // namespace rmq::event
