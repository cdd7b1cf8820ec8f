#include "testbroker/send_request.h"

#include "protocol/request_code.h"
#include "testbroker/java_fields.h"

namespace rmq::testbroker {
namespace {

using protocol::RequestCode;
using protocol::SendMessageRequest;

constexpr std::int32_t kDefaultQueues = 4;

bool has_code(const wire::CommandView& request, RequestCode code) {
  return request.code == static_cast<std::int32_t>(code);
}

}  // namespace

Refusal read_send(const wire::CommandView& request, const ServerOptions& options,
                  SendMessageRequest* send) {
  const bool v1 = has_code(request, RequestCode::SEND_MESSAGE);
  JavaFields fields(request, v1 ? BadNumber::ignored : BadNumber::refused);
  const auto name = [v1](const char* long_name, const char* short_name) {
    return v1 ? long_name : short_name;
  };
  const bool batch =
      has_code(request, RequestCode::SEND_BATCH_MESSAGE) || fields.boolean(name("batch", "m"));
  send->kind = batch ? protocol::SendKind::batch : protocol::SendKind::message;
  send->producer_group = fields.text(name("producerGroup", "a"));
  const char* topic = name("topic", "b");
  // 4.9 looks at the name first and finds it blank.
  send->topic = options.is_5x() ? fields.needed_text(topic) : fields.text(topic);
  send->default_topic = fields.text(name("defaultTopic", "c"));
  send->default_topic_queue_count =
      fields.int32(name("defaultTopicQueueNums", "d"), kDefaultQueues);
  send->queue_id = fields.needed_int32(name("queueId", "e"));
  send->sys_flag = fields.needed_int32(name("sysFlag", "f"));
  send->born_timestamp_ms = fields.needed_int64(name("bornTimestamp", "g"));
  send->flag = fields.needed_int32(name("flag", "h"));
  send->properties = fields.text(name("properties", "i"));
  send->reconsume_times = fields.int32(name("reconsumeTimes", "j"), 0);
  send->max_reconsume_times = fields.int32(name("maxReconsumeTimes", "l"), -1);
  return fields.refusal();
}

}  // namespace rmq::testbroker
