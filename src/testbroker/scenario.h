// A file of commands that are run by themselves: what goes wrong with a cluster, and when.
//
//   # comments and empty lines are left out
//   topic put orders 8
//   at 5s   crash broker-a 2s
//   at 1m   promote broker-a
//
// The last is for slaves=1. Times count from the start; a line without one runs at once, in the
// order of the file. Loop thread only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/instant.h"
#include "testbroker/cluster.h"
#include "testbroker/schedule.h"

namespace rmq::testbroker {

struct ScenarioStep {
  base::Duration at{0};
  std::string command;
  std::string place;  // "file:line", for messages
};

inline constexpr std::size_t kScenarioBytesMax = 1u << 20;
inline constexpr std::size_t kScenarioStepsMax = 10'000;

// ARGUMENT begins with file:line.
base::Result<std::vector<ScenarioStep>> parse_scenario(std::string_view text,
                                                       std::string_view file);
// FILE when it cannot be read.
base::Result<std::vector<ScenarioStep>> read_scenario(const std::string& path);

// Checks every line (see check_command), runs those without a time, and schedules the others. The
// first line that is not understood or fails is the error. What fails later is noted by the
// cluster.
base::Status run_scenario(const std::vector<ScenarioStep>& steps, Cluster& cluster,
                          Schedule& schedule);

}  // namespace rmq::testbroker
