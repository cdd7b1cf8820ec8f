// What a seed stands for: the world, its workloads and the faults, all drawn before anything runs,
// so that a run with fewer faults is otherwise the same.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/property/fault_kind.h"
#include "tests/property/world.h"

namespace rmq::sim {

struct PlannedFault {
  const FaultKind* kind = nullptr;
  base::Duration at{};
  base::Duration duration{};
  std::uint64_t seed = 0;
};

struct Plan {
  std::uint64_t seed = 0;
  WorldShape shape;
  std::vector<std::uint64_t> workload_seeds;  // one for each kind
  std::vector<PlannedFault> faults;

  static Plan draw(std::uint64_t seed);
};

}  // namespace rmq::sim
