// MessageQueue in JSON bodies; for .cc files only.
#pragma once

#include "protocol/json_document.h"
#include "protocol/json_writer.h"
#include "protocol/message_queue.h"

namespace rmq::protocol {

inline MessageQueue read_queue(JsonView value) {
  return {.topic = text_at(value, "topic"),
          .broker_name = text_at(value, "brokerName"),
          .queue_id = int32_at(value, "queueId")};
}

inline void write_queue(const MessageQueue& queue, JsonWriter* out) {
  out->begin_object();
  out->text("brokerName", queue.broker_name);
  out->number("queueId", queue.queue_id);
  out->text("topic", queue.topic);
  out->end_object();
}

}  // namespace rmq::protocol
