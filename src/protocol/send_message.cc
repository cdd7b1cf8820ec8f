#include "protocol/send_message.h"

#include "protocol/field_reader.h"

namespace rmq::protocol {
namespace {

// The same fields under short and long names.
struct Names {
  std::string_view producer_group, topic, default_topic, default_topic_queue_count, queue_id,
      sys_flag, born_timestamp, flag, properties, reconsume_times, unit_mode, max_reconsume_times,
      batch, broker_name;
};

constexpr Names kShort{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"};
constexpr Names kLong{"producerGroup", "topic",          "defaultTopic",  "defaultTopicQueueNums",
                      "queueId",       "sysFlag",        "bornTimestamp", "flag",
                      "properties",    "reconsumeTimes", "unitMode",      "maxReconsumeTimes",
                      "batch",         "bname"};

bool has_code(const wire::CommandView& command, RequestCode code) {
  return command.code == static_cast<std::int32_t>(code);
}

SendKind kind_of(const wire::CommandView& command, bool batch) {
  if (batch || has_code(command, RequestCode::SEND_BATCH_MESSAGE)) return SendKind::batch;
  const bool reply = has_code(command, RequestCode::SEND_REPLY_MESSAGE) ||
                     has_code(command, RequestCode::SEND_REPLY_MESSAGE_V2);
  return reply ? SendKind::reply : SendKind::message;
}

}  // namespace

base::Result<SendMessageRequest> parse_send_request(const wire::CommandView& request) {
  const bool long_names = has_code(request, RequestCode::SEND_MESSAGE) ||
                          has_code(request, RequestCode::SEND_REPLY_MESSAGE);
  const Names& names = long_names ? kLong : kShort;
  FieldReader fields(request);
  SendMessageRequest parsed;
  parsed.kind = kind_of(request, fields.boolean(names.batch));
  parsed.producer_group = fields.required_text(names.producer_group);
  parsed.topic = fields.required_text(names.topic);
  parsed.default_topic = fields.required_text(names.default_topic);
  parsed.default_topic_queue_count = fields.required_int32(names.default_topic_queue_count);
  parsed.queue_id = fields.required_int32(names.queue_id);
  parsed.sys_flag = fields.required_int32(names.sys_flag);
  parsed.born_timestamp_ms = fields.required_int64(names.born_timestamp);
  parsed.flag = fields.required_int32(names.flag);
  parsed.properties = fields.text(names.properties);
  parsed.reconsume_times = fields.int32(names.reconsume_times, 0);
  parsed.unit_mode = fields.boolean(names.unit_mode);
  parsed.max_reconsume_times = fields.int32(names.max_reconsume_times, -1);
  parsed.broker_name = fields.text(names.broker_name);
  if (base::Status status = fields.finish("the request header"); !status.ok()) {
    return status.take_error();
  }
  return parsed;
}

SendRedirect::SendRedirect(std::int32_t queue_id, std::string_view broker_name)
    : queue_id_(queue_id),
      changes_{wire::Field{kShort.queue_id, queue_id_.view()},
               wire::Field{kShort.broker_name, broker_name}} {}

bool is_stored(const wire::CommandView& response) {
  switch (static_cast<SendStatus>(response.code)) {
    case SendStatus::ok:
    case SendStatus::flush_disk_timeout:
    case SendStatus::slave_not_available:
    case SendStatus::flush_slave_timeout:
      return true;
  }
  return false;
}

base::Result<SendMessageResponse> parse_send_response(const wire::CommandView& response) {
  FieldReader fields(response);
  SendMessageResponse parsed;
  parsed.status = static_cast<SendStatus>(response.code);
  parsed.msg_id = fields.required_text("msgId");
  parsed.queue_id = fields.required_int32("queueId");
  parsed.queue_offset = fields.required_int64("queueOffset");
  parsed.transaction_id = fields.text("transactionId");
  parsed.batch_uniq_id = fields.text("batchUniqId");
  parsed.recall_handle = fields.text("recallHandle");
  // A proxy sends both also empty.
  const std::string_view region = fields.text("MSG_REGION");
  if (!region.empty()) parsed.region_id = region;
  parsed.trace_on = fields.text("TRACE_ON") != "false";
  if (base::Status status = fields.finish("the send response"); !status.ok()) {
    return status.take_error();
  }
  return parsed;
}

}  // namespace rmq::protocol
