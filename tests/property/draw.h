// Choices by a seed: the one source of randomness of a plan, a workload or a fault.
#pragma once

#include <cstdint>
#include <span>

#include "base/instant.h"
#include "transport/seeded_random.h"

namespace rmq::sim {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint64_t seed() { return random_.next(); }  // for another Draw
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
  }
  base::Duration between(base::Duration least, base::Duration most) {
    return base::Duration(between(least.count(), most.count()));
  }
  bool chance(double probability) {
    return static_cast<double>(random_.next() >> 11) * 0x1.0p-53 < probability;
  }
  template <typename T>
  const T& pick(std::span<const T> from) {
    return from[below(from.size())];
  }

 private:
  transport::SeededRandom random_;
};

}  // namespace rmq::sim
