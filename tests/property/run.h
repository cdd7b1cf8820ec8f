// One run of a plan: trouble, then rest, then the end, with every invariant looked after.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/property/plan.h"
#include "tests/property/statistics.h"

namespace rmq::sim {

struct RunResult {
  std::vector<std::string> violations;  // "invariant: what"
  std::uint64_t trace_hash = 0;
  base::Duration settled_after{};  // from the end of the faults
};

// Counts what happened in `statistics`. A narrated run prints what has not come to rest yet, each
// time that this changes.
enum class Narration : std::uint8_t { none, of_the_rest };
RunResult run(const Plan& plan, Statistics& statistics, Narration narration = Narration::none);

// Has made what a process makes once for all runs, so that memory can be compared.
void warm_up();

// Leaves out the faults that a violation does not need, as far as trying one after the other tells.
// `violation`: another one does not count.
Plan shrink(Plan plan, const std::string& violation);

}  // namespace rmq::sim
