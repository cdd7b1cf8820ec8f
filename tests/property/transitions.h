// The transitions of the client's state machines, as their headers describe them: a run that makes
// another one is wrong, and one that no run makes is not tested.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/property/statistics.h"

namespace rmq::sim {

struct Machine {
  const char* name;
  std::vector<const char*> states;  // by number
  struct Transition {
    int from;
    int to;
    // Why no simulation makes it; null when some should.
    const char* unvisited_because = nullptr;
  };
  std::vector<Transition> transitions;
};

std::span<const Machine> all_machines();
// False in builds that do not count.
bool counts_transitions();
// From here on transitions are counted in `statistics`; null for no more. Gives the names of those
// so far that no table knows.
std::vector<std::string> count_transitions(Statistics* statistics);
// "transition.Connection.open.idle"
std::string name_transition(const Machine& machine, int from, int to);

}  // namespace rmq::sim
