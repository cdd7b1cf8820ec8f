// From a route to the queues that a producer may send to and a consumer may read (protocol.md 8.4
// to 8.6).
#pragma once

#include <string_view>
#include <vector>

#include "protocol/message_queue.h"
#include "protocol/topic_route.h"

namespace rmq::protocol {

// More than any topic has; numbers in a route are not trusted further than that.
inline constexpr std::size_t kRouteQueuesMax = 1'000'000;

bool is_order_topic(const TopicRoute& route);
bool is_static_topic(const TopicRoute& route);

std::vector<MessageQueue> publish_queues(const TopicRoute& route, std::string_view topic);
std::vector<MessageQueue> subscribe_queues(const TopicRoute& route, std::string_view topic);

}  // namespace rmq::protocol
