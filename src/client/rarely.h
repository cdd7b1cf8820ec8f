// Counts how often something happens that goes on and on, and decides when it is told again: after
// pauses that double.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/instant.h"

namespace rmq::client {

class Rarely {
 public:
  static constexpr base::Duration kPauseMin = std::chrono::seconds(2);
  static constexpr base::Duration kPauseMax = std::chrono::minutes(10);

  void count() { ++times_; }
  // Since it was told last.
  std::int64_t times() const { return times_; }
  // When it may be told next.
  base::Instant next() const { return next_; }
  // Gives times(), which begin again.
  std::int64_t note_told(base::Instant now) {
    next_ = now + pause_;
    pause_ = std::min(pause_ * 2, kPauseMax);
    return std::exchange(times_, 0);
  }

 private:
  std::int64_t times_ = 0;
  base::Instant next_ = base::Instant::min();
  base::Duration pause_ = kPauseMin;
};

}  // namespace rmq::client
