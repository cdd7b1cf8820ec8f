#include "protocol/pull_message.h"

#include "protocol/field_reader.h"
#include "protocol/response_code.h"

namespace rmq::protocol {

base::Result<PullMessageRequest> parse_pull_request(const wire::CommandView& request) {
  FieldReader fields(request);
  PullMessageRequest parsed{
      .consumer_group = fields.required_text("consumerGroup"),
      .topic = fields.required_text("topic"),
      .queue_id = fields.required_int32("queueId"),
      .queue_offset = fields.required_int64("queueOffset"),
      .message_count_max = fields.required_int32("maxMsgNums"),
      .sys_flag = fields.required_int32("sysFlag"),
      .commit_offset = fields.required_int64("commitOffset"),
      .suspend_timeout_ms = fields.required_int64("suspendTimeoutMillis"),
      .subscription = fields.text("subscription"),
      .sub_version = fields.required_int64("subVersion"),
      .expression_type = fields.text("expressionType"),
      .message_bytes_max = fields.int32("maxMsgBytes", -1),
      .broker_name = fields.text("bname"),
  };
  if (base::Status status = fields.finish("a pull request"); !status.ok()) {
    return status.take_error();
  }
  return parsed;
}

bool PullMessageRequest::is_answer(const wire::CommandView& response) {
  switch (static_cast<ResponseCode>(response.code)) {
    case ResponseCode::SUCCESS:
    case ResponseCode::PULL_NOT_FOUND:
    case ResponseCode::PULL_RETRY_IMMEDIATELY:
    case ResponseCode::PULL_OFFSET_MOVED:
      return true;
    default:
      return false;
  }
}

base::Result<PullMessageResponse> parse_pull_response(const wire::CommandView& response) {
  FieldReader fields(response);
  PullMessageResponse parsed{
      .suggested_broker_id = fields.required_int64("suggestWhichBrokerId"),
      .next_begin_offset = fields.required_int64("nextBeginOffset"),
      .min_offset = fields.required_int64("minOffset"),
      .max_offset = fields.required_int64("maxOffset"),
      .offset_delta = fields.int64("offsetDelta", 0),
  };
  if (base::Status status = fields.finish("a pull response"); !status.ok()) {
    return status.take_error();
  }
  return parsed;
}

}  // namespace rmq::protocol
