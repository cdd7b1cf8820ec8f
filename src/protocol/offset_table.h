// What brokers and clients tell each other about the offsets of a group's queues:
// RESET_CONSUMER_CLIENT_OFFSET (220) and GET_CONSUMER_STATUS_FROM_CLIENT (221), protocol.md 5.6.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/message_queue.h"

namespace rmq::protocol {

struct QueueOffset {
  MessageQueue queue{};
  std::int64_t offset = 0;
  friend bool operator==(const QueueOffset&, const QueueOffset&) = default;
};

// The body of 220, in both forms: the map by queues that is meant for Java's clients, and the list
// that is meant for others. BAD_BODY when an entry has no queue or no offset.
base::Result<std::vector<QueueOffset>> parse_offset_table(std::string_view text);

// The body of the answer to 221.
std::string consumer_status_to_json(const std::vector<QueueOffset>& offsets);

}  // namespace rmq::protocol
