#include "event/poll_gate.h"

#include <cassert>
#include <limits>

#include "base/futex.h"

namespace rmq::event {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a signal handler uses it");

bool PollGate::interrupt() noexcept {
  std::uint64_t state = state_.load();
  bool has_waiters;
  std::uint64_t next;
  do {
    has_waiters = (state & kInside) != 0;
    next = has_waiters ? state + kOneInterrupt : state | kKept;
  } while (!state_.compare_exchange_weak(state, next));
  if (has_waiters) tell_all();
  return !has_waiters;
}

bool PollGate::take_kept_interrupt() noexcept {
  return has_kept_interrupt() && (state_.fetch_and(~kKept) & kKept) != 0;
}

std::optional<PollGate::Stay> PollGate::enter() noexcept {
  std::uint64_t state = state_.load();
  for (;;) {
    const bool is_kept = (state & kKept) != 0;
    if (!state_.compare_exchange_weak(state, is_kept ? state & ~kKept : state + 1)) continue;
    if (is_kept) return std::nullopt;
    assert((state & kInside) != kInside);
    return Stay(state >> kInterruptsShift);
  }
}

bool PollGate::is_interrupted(const Stay& stay) const noexcept {
  return state_.load() >> kInterruptsShift != stay.interrupts_;
}

bool PollGate::leave(const Stay& stay) noexcept {
  const std::uint64_t before = state_.fetch_sub(1);
  assert((before & kInside) != 0);
  return before >> kInterruptsShift != stay.interrupts_;
}

bool PollGate::wait(std::uint32_t news, base::Instant deadline) noexcept {
  return base::futex_wait(news_, news, deadline);
}

void PollGate::tell_all() noexcept { tell(std::numeric_limits<int>::max()); }

void PollGate::tell(int threads) noexcept {
  news_.fetch_add(1);
  if ((state_.load() & kInside) != 0) base::futex_wake(news_, threads);
}

}  // namespace rmq::event
