// How a server differs from a healthy one for a while. Outlives restarts.
#pragma once

#include <cstdint>

#include "base/instant.h"

namespace rmq::testbroker {

struct Quirks {
  std::int64_t wall_offset_ms = 0;    // its wall clock is so far ahead of the loop's
  base::Duration late_polls{0};       // answers to long polls leave so much later
  std::int64_t suggested_broker = 0;  // suggestWhichBrokerId in the answers to pulls
};

}  // namespace rmq::testbroker
