// Assertions state what only a fault of ours can break. For tests that commit such a fault.
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <functional>

#include "tests/support/forked_child.h"

namespace rmq::test {

#ifdef NDEBUG
inline constexpr bool kHasAssertions = false;
#else
inline constexpr bool kHasAssertions = true;
#endif

// Whether an assertion ends `action`, which runs in a forked child. A fault that a build without
// assertions would not notice is not committed there.
inline bool is_noticed(const std::function<void()>& action) {
  if (!kHasAssertions) return true;
  return run_in_child([&] {
           const rlimit none{0, 0};
           ::setrlimit(RLIMIT_CORE, &none);
           ::close(STDERR_FILENO);  // the words of the assertion would pass for those of a failure
           action();
           return 0;
         }) == 256 + SIGABRT;
}

}  // namespace rmq::test
