// Who may run the loop of a threaded runtime: its thread, or one blocking caller while such calls
// follow each other. One number, on which the loop's thread sleeps while it has not got the seat.
//
// Whoever gives the seat up looks afterwards whether the loop was woken meanwhile, and recalls the
// thread if so. Whoever wakes the loop raises its wake-up first and recalls the thread then. So one
// of the two sees the other.
#pragma once

#include <atomic>
#include <cstdint>

#include "client/call_row.h"

namespace rmq::client {

class LoopSeat {
 public:
  // How long nobody runs the loop at most is between one and two of these: its thread looks so
  // often whether calls still come.
  static constexpr base::Duration kLookInterval = std::chrono::milliseconds(10);

  // The loop's thread, which has the seat in the beginning.
  void give_up() noexcept;
  // Returns when the thread has the seat again. It was recalled, or no call has begun for a while.
  void wait_for_turn(const CallRow& calls) noexcept;

  // A blocking caller. False: the seat is not free.
  [[nodiscard]] bool try_take() noexcept;
  // `is_needed`: something is under way that the loop's thread has to go on with.
  void leave(bool is_needed) noexcept;

  // Any thread: the loop has work. Unless somebody runs it, its thread does so from here on.
  void recall() noexcept;

 private:
  static constexpr std::uint32_t kThread = 0;  // -> free: give_up
  static constexpr std::uint32_t kFree = 1;  // -> caller: try_take; -> thread: recall, no call came
  static constexpr std::uint32_t kCaller =
      2;  // -> free, thread: leave; -> claimed: the call is long
  static constexpr std::uint32_t kClaimed = 3;  // a caller's, then the thread's -> thread: leave

  void hand_to_thread() noexcept;

  std::atomic<std::uint32_t> holder_{kThread};
};

}  // namespace rmq::client
