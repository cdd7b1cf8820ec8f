// From a route to the queues that a producer may send to and a consumer may read (protocol.md 8.4
// to 8.6).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "protocol/message_queue.h"
#include "protocol/topic_route.h"

namespace rmq::protocol {

// More than any topic has; numbers in a route are not trusted further than that.
inline constexpr std::size_t kRouteQueuesMax = 1'000'000;

bool is_order_topic(const TopicRoute& route);
bool is_static_topic(const TopicRoute& route);

// The name of the broker process that serves a queue, which is the queue's own broker name. A
// logical queue of a static topic names no real broker; for it the newest mapping tells. Empty:
// none is known.
bool is_logical(std::string_view broker_name);
std::string_view find_broker_name(const TopicRoute& route, std::string_view broker_name,
                                  std::int32_t queue_id);

std::vector<MessageQueue> publish_queues(const TopicRoute& route, std::string_view topic);
std::vector<MessageQueue> subscribe_queues(const TopicRoute& route, std::string_view topic);

}  // namespace rmq::protocol
