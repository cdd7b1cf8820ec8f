// What the requests about one queue have in common.
#pragma once

#include <cstdint>
#include <string_view>

#include "testbroker/handler_table.h"
#include "testbroker/java_fields.h"

namespace rmq::testbroker {

struct QueueRequest {
  std::string_view topic;
  std::int32_t queue_id = 0;
};

inline Refusal read_queue(const wire::CommandView& request, QueueRequest* queue) {
  JavaFields fields(request, BadNumber::ignored);
  queue->topic = fields.needed_text("topic");
  queue->queue_id = fields.needed_int32("queueId");
  return fields.refusal();
}

inline Handled answer_offset(std::int64_t offset, wire::Command* answer) {
  answer->fields.emplace_back("offset", std::to_string(offset));
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
