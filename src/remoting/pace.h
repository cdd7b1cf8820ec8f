// Whether bytes that should move do.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/instant.h"

namespace rmq::remoting {

// A peer that moves bytes earns time with them: a second for each `bytes_per_second`, and never
// more than `rest_max` ahead. So a peer may rest for rest_max and may be as slow as that rate. A
// peer that gives or takes a byte now and then runs out of its time. A value; whoever holds it
// looks at due().
class Pace {
 public:
  explicit Pace(std::uint64_t bytes_per_second)
      : nanoseconds_per_byte_(1'000'000'000 / bytes_per_second) {}

  void begin(base::Instant now, base::Duration rest_max) {
    rest_max_ = rest_max;
    moved_at_ = now;
    due_ = now + rest_max;
  }
  void note(base::Instant now, std::uint64_t bytes) {
    if (bytes == 0) return;
    moved_at_ = now;
    const std::uint64_t earned = std::min(bytes, kBytesMax) * nanoseconds_per_byte_;
    due_ = std::min(std::max(due_, now) + base::Duration(static_cast<std::int64_t>(earned)),
                    now + rest_max_);
  }

  // From then on the bytes do not move.
  base::Instant due() const { return due_; }
  base::Instant moved_at() const { return moved_at_; }

 private:
  static constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 32;  // so that nothing overflows

  std::uint64_t nanoseconds_per_byte_;
  base::Duration rest_max_{};
  base::Instant moved_at_{};
  base::Instant due_{};
};

}  // namespace rmq::remoting
