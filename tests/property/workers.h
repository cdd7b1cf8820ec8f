// Runs many seeds in some processes, so that a crash or a hang of one is a finding like any other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/property/statistics.h"

namespace rmq::sim {

struct Finding {
  std::uint64_t seed = 0;
  std::string faults;  // the numbers of those that it needs: "1,4"; "all" when that is not known
  std::vector<std::string> violations;
};

struct Seeds {
  std::uint64_t from = 1;
  std::uint64_t count = 1;
  unsigned jobs = 1;
  std::size_t findings_max = 10;  // a worker stops when it has found so many
  bool twice = false;             // each seed again, which must give the same trace
};

std::vector<Finding> run_seeds(const Seeds& seeds, Statistics& statistics);

}  // namespace rmq::sim
