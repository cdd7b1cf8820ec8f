// What rmq-sim prints.
#pragma once

#include "tests/property/plan.h"
#include "tests/property/statistics.h"

namespace rmq::sim {

void print_plan(const Plan& plan);
// What was done.
void print_statistics(const Statistics& statistics);
// In how many seeds each kind of fault was. False when one was in less than 1 % of them.
bool print_faults(const Statistics& statistics);
// State machines and the transitions that were never made. False when nobody knows why of one.
bool print_transitions(const Statistics& statistics);

}  // namespace rmq::sim
