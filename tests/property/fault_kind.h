// What can go wrong in a world. Each kind is a small function in a file of its family, and
// registers itself.
#pragma once

#include "tests/property/registry.h"
#include "tests/property/world.h"

namespace rmq::sim {

struct FaultKind {
  const char* name;
  // Makes it happen now, and has it end `duration` later where it lasts. All choices come from
  // `draw`, so that a fault is the same whatever other faults there are. Nothing may stay on the
  // agenda beyond `duration`: the end of all faults clears what it would refer to.
  void (*inject)(World& world, Draw& draw, base::Duration duration);
  bool needs_slaves = false;
};

}  // namespace rmq::sim
