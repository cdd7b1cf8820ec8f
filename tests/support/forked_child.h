// Runs a part of a test in a forked child, also where other threads are at work.
#pragma once

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

namespace rmq::test {

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

// What `action` returns in a forked child, which ends at once afterwards; 256 and the signal's
// number when one ended that child.
inline int run_in_child(const std::function<int()>& action) {
  constexpr unsigned kHangS = 120;  // a child that hangs ends by SIGALRM
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // Other than the system's, the allocators of gcc's sanitizers do not prepare for fork(): a lock
  // that another thread holds at that moment is never given back in the child.
  wait_for_quiet_threads();
#endif
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(kHangS);
    ::_exit(action());
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return 1000;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

}  // namespace rmq::test
