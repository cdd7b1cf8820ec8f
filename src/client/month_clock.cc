#include "client/month_clock.h"

#include <ctime>

#include "base/local_time.h"

namespace rmq::client {
namespace {

std::int64_t start_of_month_ms(std::tm local, int months_on) {
  local.tm_mday = 1;
  local.tm_mon += months_on;
  local.tm_hour = local.tm_min = local.tm_sec = 0;
  return base::local_to_epoch_seconds(local) * 1000;
}

}  // namespace

void MonthClock::turn_month(std::int64_t wall_ms) {
  const std::time_t now = static_cast<std::time_t>(wall_ms / 1000);
  std::tm local{};
  ::localtime_r(&now, &local);
  month_ms_.store(start_of_month_ms(local, 0), std::memory_order_relaxed);
  next_month_ms_.store(start_of_month_ms(local, 1), std::memory_order_release);
}

}  // namespace rmq::client
