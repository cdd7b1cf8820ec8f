// Time as everything inside the library sees it. Deadlines are instants of a monotonic clock whose
// zero means nothing. Calendar time is milliseconds since 1970 UTC and is only ever written into
// messages and logs.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace rmq::base {

using Duration = std::chrono::nanoseconds;

struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

using Instant = MonotonicClock::time_point;
using std::chrono::milliseconds;

inline constexpr Instant kNever{Duration{std::numeric_limits<Duration::rep>::max()}};

inline std::int64_t to_ms(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration).count();
}

// The machine's calendar time. Code on a loop asks its Loop, whose calendar a test may turn.
inline std::int64_t wall_clock_ms() {
  return to_ms(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace rmq::base
