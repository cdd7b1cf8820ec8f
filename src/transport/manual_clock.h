// The clock of a simulated world. It moves only when the world's owner turns it. Calendar time may
// jump without the monotonic clock noticing, as on a machine whose administrator sets the date.
#pragma once

#include <cstdint>

#include "base/instant.h"

namespace rmq::transport {

class ManualClock {
 public:
  base::Instant now() const { return now_; }
  std::int64_t wall_ms() const { return base::to_ms(now_.time_since_epoch()) + wall_offset_ms_; }

  // Never backwards.
  void turn_to(base::Instant instant) {
    if (instant > now_) now_ = instant;
  }
  void jump_wall_ms(std::int64_t by_ms) { wall_offset_ms_ += by_ms; }

 private:
  base::Instant now_{std::chrono::hours(1)};
  std::int64_t wall_offset_ms_ = 1'700'000'000'000;  // November 2023
};

}  // namespace rmq::transport
