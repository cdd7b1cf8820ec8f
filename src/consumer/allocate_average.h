// Java's default: stretches of queues that follow each other, the first members one longer when it
// does not come out even.
#pragma once

#include "consumer/allocate_strategy.h"

namespace rmq::consumer {

class AllocateAverage final : public AllocateStrategy {
 public:
  static Queues part_of(const Division& division, std::size_t own_place = 0);

  std::string_view name() const override { return "AVG"; }
  void allocate(const std::shared_ptr<const Division>& division, std::size_t own_place,
                Done done) override {
    done(part_of(*division, own_place));
  }
};

}  // namespace rmq::consumer
