#include "tests/property/report.h"

#include <cstdio>

#include "tests/property/transitions.h"

namespace rmq::sim {

void print_plan(const Plan& plan) {
  std::printf(
      "seed %llu: version %d, %zu brokers with %zu slaves, %d queues on each, %lld s of trouble\n",
      static_cast<unsigned long long>(plan.seed), plan.shape.version, plan.shape.brokers,
      plan.shape.slaves, plan.shape.queues,
      static_cast<long long>(base::to_ms(plan.shape.troubled) / 1000));
  std::size_t number = 0;
  for (const PlannedFault& fault : plan.faults) {
    std::printf("  fault %zu: %s at %.3f s for %.3f s\n", ++number, fault.kind->name,
                static_cast<double>(base::to_ms(fault.at)) / 1000,
                static_cast<double>(base::to_ms(fault.duration)) / 1000);
  }
}

void print_statistics(const Statistics& statistics) {
  for (const auto& [name, count] : statistics.counts()) {
    if (name.rfind("transition.", 0) == 0 || name.rfind("fault.", 0) == 0 || name == "trace") {
      continue;
    }
    std::printf("%-32s %10llu\n", name.c_str(), static_cast<unsigned long long>(count));
  }
  std::printf("%-32s %10llu\n", "settled_s (most)",
              static_cast<unsigned long long>(statistics.max("settled_s")));
}

bool print_faults(const Statistics& statistics) {
  const auto seeds = static_cast<double>(statistics.count("seeds"));
  bool is_complete = true;
  for (const FaultKind& kind : all_kinds<FaultKind>()) {
    const auto count = static_cast<double>(statistics.count(std::string("fault.") + kind.name));
    std::printf("fault %-26s %10.0f seeds, %.1f %%\n", kind.name, count, 100 * count / seeds);
    is_complete = is_complete && count * 100 >= seeds;
  }
  return is_complete;
}

bool print_transitions(const Statistics& statistics) {
  if (!counts_transitions()) return true;
  bool is_complete = true;
  for (const Machine& machine : all_machines()) {
    std::size_t made = 0;
    for (const Machine::Transition& transition : machine.transitions) {
      const std::string name = name_transition(machine, transition.from, transition.to);
      if (statistics.count(name) > 0) {
        ++made;
        continue;
      }
      std::printf("%s was never made: %s\n", name.c_str(),
                  transition.unvisited_because != nullptr ? transition.unvisited_because
                                                          : "NOBODY KNOWS WHY");
      is_complete = is_complete && transition.unvisited_because != nullptr;
    }
    std::printf("transitions of %s: %zu of %zu made\n", machine.name, made,
                machine.transitions.size());
  }
  return is_complete;
}

}  // namespace rmq::sim
