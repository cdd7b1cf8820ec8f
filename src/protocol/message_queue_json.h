// MessageQueue in JSON bodies; for .cc files only.
#pragma once

#include "protocol/json_document.h"
#include "protocol/message_queue.h"

namespace rmq::protocol {

inline MessageQueue queue_from_json(const Json& value) {
  return {.topic = text_at(value, "topic"),
          .broker_name = text_at(value, "brokerName"),
          .queue_id = int32_at(value, "queueId")};
}

inline Json queue_to_json(const MessageQueue& queue) {
  return {{"topic", queue.topic}, {"brokerName", queue.broker_name}, {"queueId", queue.queue_id}};
}

}  // namespace rmq::protocol
