#include "tests/abi/walk/finding.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace rmq::walk {
namespace {

std::atomic<unsigned long long> seed_of_walk{0};

}  // namespace

void set_seed(unsigned long long seed) { seed_of_walk = seed; }

void report_finding(const std::string& what) {
  std::fprintf(stderr, "walk: finding with --seed %llu: %s\n", seed_of_walk.load(), what.c_str());
  std::abort();
}

}  // namespace rmq::walk
