// A random walk over the functions of the header: several threads, a broker that comes and goes,
// allocations and descriptors that fail. `--seed` and `--calls` run a walk again.
//
// What the threads do follows from the seed; how they meet does not, so a finding may need several
// runs of its seed.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "tests/abi/walk/finding.h"
#include "tests/abi/walk/round.h"

namespace rmq::walk {
namespace {

std::uint64_t read_option(int count, char** words, const char* name, std::uint64_t otherwise) {
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::strcmp(words[i], name) == 0) return std::strtoull(words[i + 1], nullptr, 10);
  }
  return otherwise;
}

int walk(int count, char** words) {
  const std::uint64_t seed = read_option(count, words, "--seed", 1);
  const std::uint64_t calls = read_option(count, words, "--calls", 300'000);
  const std::uint64_t seconds = read_option(count, words, "--seconds", 0);
  const auto threads = static_cast<std::size_t>(read_option(count, words, "--threads", 3));
  set_seed(seed);
  std::printf("walk: seed %llu, %zu threads\n", static_cast<unsigned long long>(seed), threads);
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  std::uint64_t done = 0;
  std::uint64_t rounds = 0;
  while (done < calls && (seconds == 0 || elapsed() < static_cast<double>(seconds))) {
    done += run_round(seed * 1'000'003 + rounds++, threads);
  }
  std::printf("walk: %llu calls in %llu rounds, %.0f a second\n",
              static_cast<unsigned long long>(done), static_cast<unsigned long long>(rounds),
              static_cast<double>(done) / elapsed());
  return 0;
}

}  // namespace
}  // namespace rmq::walk

int main(int count, char** words) { return rmq::walk::walk(count, words); }
