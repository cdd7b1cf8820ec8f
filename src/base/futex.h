// Waiting for a 32-bit number to change, by the kernel's futex. A waker needs no lock, other than
// with a condition variable, so that a signal handler may be one.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/instant.h"

namespace rmq::base {

// Returns when `word` is not `expected` any more, and sometimes earlier: the caller looks again and
// loops. False: the deadline, on the monotonic clock, has passed. kNever is no deadline.
bool futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                Instant deadline) noexcept;

// Wakes up to `threads` threads that wait for `word`, after it was changed. Async-signal-safe.
void futex_wake(const std::atomic<std::uint32_t>& word, int threads) noexcept;

}  // namespace rmq::base
