// How long a slow broker is avoided when latency fault tolerance is on (protocol.md 9.2).
#pragma once

#include <cstdint>

namespace rmq::protocol {

// What an isolated broker counts as.
inline constexpr std::int64_t kIsolatedLatencyMs = 10'000;

constexpr std::int64_t fault_duration_ms(std::int64_t latency_ms) {
  constexpr std::int64_t kSteps[][2] = {
      {15000, 30000}, {5000, 10000}, {3000, 6000}, {1800, 5000}, {550, 2000}};
  for (const auto& [from_ms, duration_ms] : kSteps) {
    if (latency_ms >= from_ms) return duration_ms;
  }
  return 0;
}

}  // namespace rmq::protocol
