#include "client/loop_seat.h"

#include <chrono>
#include <utility>

#include "base/futex.h"

namespace rmq::client {
namespace {

// Of the machine's clock also where the runtime's is another one: the kernel measures this wait.
base::Instant kernel_now() {
  return base::Instant(std::chrono::duration_cast<base::Duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace

void LoopSeat::give_up() noexcept { holder_.store(kFree); }

bool LoopSeat::try_take() noexcept {
  std::uint32_t expected = kFree;
  return holder_.compare_exchange_strong(expected, kCaller);
}

void LoopSeat::leave(bool is_needed) noexcept {
  std::uint32_t expected = kCaller;
  if (!is_needed && holder_.compare_exchange_strong(expected, kFree)) return;
  hand_to_thread();
}

void LoopSeat::recall() noexcept {
  std::uint32_t expected = kFree;
  if (holder_.compare_exchange_strong(expected, kThread)) base::futex_wake(holder_, 1);
}

void LoopSeat::hand_to_thread() noexcept {
  holder_.store(kThread);
  base::futex_wake(holder_, 1);
}

void LoopSeat::wait_for_turn(const CallRow& calls) noexcept {
  std::uint32_t entered = calls.entered();
  base::Instant next_look = kernel_now() + kLookInterval;
  for (;;) {
    std::uint32_t holder = holder_.load();
    if (holder == kThread) return;
    base::futex_wait(holder_, holder, holder == kClaimed ? base::kNever : next_look);
    if (holder == kClaimed || kernel_now() < next_look) continue;
    // Callers that come all the time run the loop often enough. One that stays long runs it too.
    const std::uint32_t entered_before = std::exchange(entered, calls.entered());
    next_look = kernel_now() + kLookInterval;
    if (entered != entered_before) continue;
    if (holder_.compare_exchange_strong(holder = kFree, kThread)) return;
    holder_.compare_exchange_strong(holder = kCaller, kClaimed);
  }
}

}  // namespace rmq::client
