// What rmq-sim prints.
#pragma once

#include "tests/property/plan.h"
#include "tests/property/statistics.h"

namespace rmq::sim {

void print_plan(const Plan& plan);
// What was done, faults by kind, and state transitions, those that were never made among them.
void print_statistics(const Statistics& statistics);

}  // namespace rmq::sim
