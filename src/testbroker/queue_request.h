// What the requests about one queue have in common.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/field_reader.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

struct QueueRequest {
  std::string_view topic;
  std::int32_t queue_id = 0;
};

inline base::Result<QueueRequest> parse_queue_request(const wire::CommandView& request) {
  protocol::FieldReader fields(request);
  const QueueRequest queue{.topic = fields.required_text("topic"),
                           .queue_id = fields.required_int32("queueId")};
  if (base::Status status = fields.finish("a request about a queue"); !status.ok()) {
    return status.take_error();
  }
  return queue;
}

inline Handled answer_offset(std::int64_t offset, wire::Command* answer) {
  answer->fields.emplace_back("offset", std::to_string(offset));
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
