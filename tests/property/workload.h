// What users do in a world while there are faults. One file per workload, which registers itself.
#pragma once

#include <cstdint>
#include <memory>

#include "tests/property/registry.h"
#include "tests/property/world.h"

namespace rmq::sim {

class Workload {
 public:
  virtual ~Workload() = default;
  // Puts its first steps on the agenda. Steps look at world.is_ending and do nothing then.
  virtual void start() = 0;
  // The faults are over: what is needed for everything to come to rest, such as one member of each
  // group that answers.
  virtual void end() {}
};

struct WorkloadKind {
  const char* name;
  std::unique_ptr<Workload> (*make)(World& world, std::uint64_t seed);
};

}  // namespace rmq::sim
