// AVG, the default. Each member gets one stretch of the sorted queues; the first members get one
// queue more when the number does not come out even.
#pragma once

#include "consumer/allocate_strategy.h"

namespace rmq::consumer {

class AllocateAverage final : public AllocateStrategy {
 public:
  std::string_view name() const override { return "AVG"; }
  base::Result<std::vector<protocol::MessageQueue>> allocate(
      const Division& division) const override;
};

}  // namespace rmq::consumer
