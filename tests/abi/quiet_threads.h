// Waiting until the other threads of this process have nothing to do.
#pragma once

#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace rmq::test::abi {

// How often each thread but this one was given a processor; none when one of them is awake.
inline std::optional<std::string> count_turns_of_sleepers() {
  const std::string self = std::to_string(::gettid());
  std::string turns;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    if (task.path().filename() == self) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("State:") && line.find("S (") == std::string::npos) return std::nullopt;
      if (line.find("ctxt_switches:") != std::string::npos) turns += line + "\n";
    }
  }
  return turns;
}

// One look at the threads takes them one after the other: only a second one that finds the same
// says that none was awake in between.
inline void wait_for_quiet_threads() {
  constexpr int kLooksMax = 100'000;  // a guard against hanging
  std::optional<std::string> before;
  for (int i = 0; i < kLooksMax; ++i) {
    const std::optional<std::string> now = count_turns_of_sleepers();
    if (now && now == before) return;
    before = now;
    ::sched_yield();
  }
}

}  // namespace rmq::test::abi
