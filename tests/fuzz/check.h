// States an invariant in a fuzz target: a false one stops the run with its text.
#pragma once

#include <cstdio>
#include <cstdlib>

#define RMQ_FUZZ_CHECK(condition)                                                  \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
