// What the NameServer says about a topic. Shared and never changed, so that sending threads may
// read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/message_queue.h"
#include "protocol/topic_route.h"

namespace rmq::cluster {

struct Route {
  std::string topic;
  protocol::TopicRoute data;  // queues and brokers in the order of their names
  // The topic is not known yet: this is the route of TBW102, whose brokers create the topic when
  // the first message comes (protocol.md 9.1).
  bool is_default = false;

  // The address of a broker: of that id, or with `or_any` of another one, masters first. Empty when
  // there is none.
  std::string_view address_of(std::string_view broker_name,
                              std::int64_t broker_id = protocol::kMasterId,
                              bool or_any = false) const;
  // The same for the broker that serves a queue, which for a logical queue is another one than the
  // queue names.
  std::string_view address_of(const protocol::MessageQueue& queue,
                              std::int64_t broker_id = protocol::kMasterId,
                              bool or_any = false) const;
};

using RoutePtr = std::shared_ptr<const Route>;

}  // namespace rmq::cluster
