#include "tests/property/plan.h"

#include <algorithm>

#include "tests/property/workload.h"

namespace rmq::sim {
namespace {

constexpr std::int64_t kFaultsMax = 8;

}  // namespace

Plan Plan::draw(std::uint64_t seed) {
  Draw draw(seed);
  Plan plan;
  plan.seed = seed;
  plan.shape = WorldShape::draw(draw);
  for (std::size_t i = 0; i < all_kinds<WorkloadKind>().size(); ++i) {
    plan.workload_seeds.push_back(draw.seed());
  }
  const std::int64_t count = draw.between(0, kFaultsMax);
  for (std::int64_t i = 0; i < count; ++i) {
    PlannedFault fault;
    fault.kind = &draw.pick<FaultKind>(all_kinds<FaultKind>());
    if (fault.kind->needs_slaves) plan.shape.slaves = 1;
    fault.at = draw.between(base::Duration{0}, plan.shape.troubled);
    const base::Duration longest = plan.shape.troubled - fault.at;
    fault.duration = draw.between(base::Duration{0}, draw.chance(0.7) ? longest / 4 : longest);
    fault.seed = draw.seed();
    plan.faults.push_back(fault);
  }
  return plan;
}

}  // namespace rmq::sim
