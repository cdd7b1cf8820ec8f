// What must hold in every world, whatever goes wrong. One file per invariant, which registers
// itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/property/registry.h"
#include "tests/property/world.h"

namespace rmq::sim {

class Invariant {
 public:
  explicit Invariant(World& world) : world_(world) {}
  virtual ~Invariant() = default;

  // Several times a second.
  virtual void look() {}
  // Once the faults are over: what has not come to rest yet; empty when all has. A run waits for
  // that, within a bound.
  virtual std::string name_unsettled() { return {}; }
  // All is at rest, and every process was closed.
  virtual void conclude() {}

  const std::vector<std::string>& violations() const { return violations_; }

 protected:
  World& world() { return world_; }
  void report(std::string violation) {
    constexpr std::size_t kViolationsMax = 5;
    if (violations_.size() < kViolationsMax) violations_.push_back(std::move(violation));
  }

 private:
  World& world_;
  std::vector<std::string> violations_;
};

struct InvariantKind {
  const char* name;
  std::unique_ptr<Invariant> (*make)(World& world);
};

template <typename T>
std::unique_ptr<Invariant> make_invariant(World& world) {
  return std::make_unique<T>(world);
}

}  // namespace rmq::sim
