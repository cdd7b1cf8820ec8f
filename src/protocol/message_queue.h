// One queue of a topic on one broker.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace rmq::protocol {

struct MessageQueue {
  std::string topic{};
  std::string broker_name{};
  std::int32_t queue_id = 0;

  friend bool operator==(const MessageQueue&, const MessageQueue&) = default;
};

// Java's order, which every member of a group must share: topic, broker name, queue id, texts by
// UTF-16 units.
bool operator<(const MessageQueue& a, const MessageQueue& b);

}  // namespace rmq::protocol

template <>
struct std::hash<rmq::protocol::MessageQueue> {
  std::size_t operator()(const rmq::protocol::MessageQueue& queue) const noexcept {
    std::size_t value = std::hash<std::string>()(queue.topic);
    value = value * 31 + std::hash<std::string>()(queue.broker_name);
    return value * 31 + static_cast<std::size_t>(queue.queue_id);
  }
};
