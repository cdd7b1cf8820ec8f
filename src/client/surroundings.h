// Where a runtime gets from what it has not made itself: loops, time, chance and the number of its
// process. Production takes the system's; simulations give a world in memory.
//
// Shared by the runtimes of one process. Any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "base/instant.h"
#include "transport/loop_runner.h"

namespace rmq::client {

class Surroundings {
 public:
  virtual ~Surroundings() = default;

  // `resolver`: the host's own, which outlives the loop; null for the one of the loop.
  virtual base::Result<std::unique_ptr<transport::LoopRunner>> make_loop(
      bool is_driven, transport::Resolver* resolver) = 0;
  virtual base::Instant now() const = 0;  // the clock of the loops
  virtual std::int64_t wall_ms() const = 0;
  virtual std::uint64_t random() = 0;
  virtual std::uint32_t process_id() const = 0;
};

std::shared_ptr<Surroundings> make_system_surroundings();

}  // namespace rmq::client
