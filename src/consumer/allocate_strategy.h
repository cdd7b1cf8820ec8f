// How the members of a group divide the queues of a topic. Each member computes the whole by
// itself, so all must come to the same result from the same lists.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/message_queue.h"

namespace rmq::consumer {

// What one member knows when it divides.
struct Division {
  std::string group;
  std::string own_client_id;
  std::vector<protocol::MessageQueue> queues;  // in the order of protocol::MessageQueue
  // Sorted; holds own_client_id. A broker lists a member once for each of its connections, and each
  // time is a place of its own.
  std::vector<std::string> client_ids;
};

// Loop thread only.
class AllocateStrategy {
 public:
  using Queues = std::vector<protocol::MessageQueue>;
  // The error keeps what is held. May throw std::bad_alloc.
  using Done = std::function<void(base::Result<Queues>)>;

  virtual ~AllocateStrategy() = default;
  // As brokers and admin tools know the strategy.
  virtual std::string_view name() const = 0;
  // Finds the queues of own_client_id at its place `own_place`, counted from 0. `done` is called
  // once, in here or later on the loop: the user may be asked. Nobody listens after the next
  // division of the topic.
  virtual void allocate(const std::shared_ptr<const Division>& division, std::size_t own_place,
                        Done done) = 0;
};

}  // namespace rmq::consumer
