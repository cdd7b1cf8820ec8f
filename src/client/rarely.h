// Decides when something that goes on and on is told again: after pauses that double.
#pragma once

#include <algorithm>

#include "base/instant.h"

namespace rmq::client {

class Rarely {
 public:
  static constexpr base::Duration kPauseMin = std::chrono::seconds(2);
  static constexpr base::Duration kPauseMax = std::chrono::minutes(10);

  // When it may be told next.
  base::Instant next() const { return next_; }
  void note_told(base::Instant now) {
    next_ = now + pause_;
    pause_ = std::min(pause_ * 2, kPauseMax);
  }

 private:
  base::Instant next_ = base::Instant::min();
  base::Duration pause_ = kPauseMin;
};

}  // namespace rmq::client
