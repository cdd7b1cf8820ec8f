// How the members of a group divide the queues of a topic. Each member computes the whole by
// itself, so all must come to the same result from the same lists.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/message_queue.h"

namespace rmq::consumer {

// What one member knows when it divides.
struct Division {
  std::string_view group;
  std::string_view own_client_id;
  std::span<const protocol::MessageQueue> queues;  // in the order of protocol::MessageQueue
  std::span<const std::string> client_ids;         // sorted; holds own_client_id
  // A broker lists a member once for each of its connections. Each time is a place of its own; this
  // is the one to allocate for, counted from 0.
  std::size_t own_place = 0;
};

// Immutable after construction.
class AllocateStrategy {
 public:
  virtual ~AllocateStrategy() = default;
  // As brokers and admin tools know it.
  virtual std::string_view name() const = 0;
  // The queues of own_client_id at its own_place. The error keeps what is held.
  virtual base::Result<std::vector<protocol::MessageQueue>> allocate(
      const Division& division) const = 0;
};

}  // namespace rmq::consumer
