// Where polls of one event queue wait, and what interrupts them. Interrupting takes no lock and is
// async-signal-safe. So the waiting threads sleep on a futex, and one atomic number counts both the
// waiting threads and the interrupts.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/instant.h"

namespace rmq::event {

class PollGate {
 public:
  // Ends the wait of every thread that is inside. True: there was none, and the interrupt is kept
  // for the next poll. Any thread, a signal handler too.
  bool interrupt() noexcept;
  bool has_kept_interrupt() const noexcept { return (state_.load() & kKept) != 0; }
  // True: an interrupt was kept, and is taken.
  bool take_kept_interrupt() noexcept;

  // The stay of one waiting thread, from enter() to leave().
  class Stay {
    friend class PollGate;
    explicit Stay(std::uint64_t interrupts) : interrupts_(interrupts) {}
    std::uint64_t interrupts_;
  };
  // Nothing: an interrupt was kept, and is taken instead.
  std::optional<Stay> enter() noexcept;
  bool is_interrupted(const Stay& stay) const noexcept;
  // True: it was interrupted.
  bool leave(const Stay& stay) noexcept;

  // A number that changes with all that can end a wait. To be read before the conditions are.
  std::uint32_t news() const noexcept { return news_.load(); }
  // False: the deadline has passed.
  bool wait(std::uint32_t news, base::Instant deadline) noexcept;

  // What happened is visible before the call: threads that are inside look again.
  void tell_one() noexcept { tell(1); }
  void tell_all() noexcept;

 private:
  // The bits of state_: how many threads are inside, whether an interrupt is kept, and how often
  // waiting threads were interrupted.
  static constexpr std::uint64_t kInside = 0xFFFF;
  static constexpr std::uint64_t kKept = 0x10000;
  static constexpr int kInterruptsShift = 32;
  static constexpr std::uint64_t kOneInterrupt = std::uint64_t{1} << kInterruptsShift;

  void tell(int threads) noexcept;

  std::atomic<std::uint64_t> state_{0};
  std::atomic<std::uint32_t> news_{0};
};

}  // namespace rmq::event
