#include "base/local_time.h"

namespace rmq::base {
namespace {

// As if the clock showed UTC.
std::int64_t read_as_utc(std::tm time) { return ::timegm(&time); }

}  // namespace

std::int64_t local_to_epoch_seconds(const std::tm& local) {
  const std::int64_t wanted = read_as_utc(local);
  std::int64_t found = wanted;
  // The first step finds the zone, the second whether its clock was changed in between.
  for (int step = 0; step < 2; ++step) {
    const auto moment = static_cast<std::time_t>(found);
    std::tm shown{};
    ::localtime_r(&moment, &shown);
    found += wanted - read_as_utc(shown);
  }
  return found;
}

}  // namespace rmq::base
