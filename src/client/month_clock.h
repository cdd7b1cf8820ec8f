// The milliseconds since the start of the present month in local time, which unique ids carry. Any
// thread. For people who read ids: that ids differ does not rest on this clock.
#pragma once

#include <atomic>
#include <cstdint>

namespace rmq::client {

class MonthClock {
 public:
  std::int64_t ms_of_month(std::int64_t wall_ms) {
    const bool is_other_month = wall_ms >= next_month_ms_.load(std::memory_order_acquire) ||
                                wall_ms < month_ms_.load(std::memory_order_relaxed);
    if (is_other_month) turn_month(wall_ms);
    return wall_ms - month_ms_.load(std::memory_order_relaxed);
  }

 private:
  void turn_month(std::int64_t wall_ms);

  std::atomic<std::int64_t> month_ms_{0};
  std::atomic<std::int64_t> next_month_ms_{0};
};

}  // namespace rmq::client
