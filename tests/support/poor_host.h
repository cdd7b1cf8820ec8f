// A host that has little left: descriptors for a few more, in a process of its own. For tests.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

namespace rmq::test {

inline constexpr int kDescriptorsLooked = 1024;

inline int count_descriptors() {
  int count = 0;
  for (int descriptor = 0; descriptor < kDescriptorsLooked; ++descriptor) {
    count += ::fcntl(descriptor, F_GETFD) >= 0 ? 1 : 0;
  }
  return count;
}

inline void set_descriptor_limit(rlim_t limit) {
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  now.rlim_cur = limit;
  if (::setrlimit(RLIMIT_NOFILE, &now) != 0) std::abort();
}

// From now on exactly `spare` more can be opened.
inline void leave_descriptors(int spare) {
  rlim_t limit = 0;
  for (int free = 0; free < spare; ++limit) free += ::fcntl(static_cast<int>(limit), F_GETFD) < 0;
  // A limit below what is open would be another case: what is above stays usable.
  while (limit < kDescriptorsLooked && ::fcntl(static_cast<int>(limit), F_GETFD) >= 0) ++limit;
  set_descriptor_limit(limit);
}

}  // namespace rmq::test
