// UPDATE_AND_CREATE_TOPIC (17).
#include <algorithm>
#include <utility>

#include "testbroker/handler_table.h"
#include "testbroker/java_fields.h"
#include "testbroker/send_checks.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;

constexpr std::int32_t kCreatedQueuesMax = 100'000;

Refusal put(const RequestContext& context) {
  ServerState& state = context.state;
  JavaFields fields(context.request, BadNumber::ignored);
  TopicConfig topic{.name = std::string(fields.needed_text("topic")),
                    .read_queues = fields.needed_int32("readQueueNums"),
                    .write_queues = fields.needed_int32("writeQueueNums"),
                    .perm = fields.needed_int32("perm"),
                    .topic_sys_flag = fields.int32("topicSysFlag", 0)};
  if (auto refusal = fields.refusal(); refusal.refused()) return refusal;
  if (auto refusal = check_topic_name(topic.name, state.options); refusal.refused()) {
    return refusal;
  }
  if (auto refusal = check_not_of_the_system(topic.name, state.options); refusal.refused()) {
    return refusal;
  }
  topic.read_queues = std::clamp(topic.read_queues, 0, kCreatedQueuesMax);
  topic.write_queues = std::clamp(topic.write_queues, 0, kCreatedQueuesMax);
  if (!state.may_put_topic(topic.name)) return {ResponseCode::SYSTEM_ERROR, "too many topics"};
  state.put_topic(topic);
  return {};
}

}  // namespace

Handled handle_create_topic(const RequestContext& context, wire::Command* answer) {
  if (auto refusal = put(context); refusal.refused()) return finish(answer, std::move(refusal));
  return finish(answer, ResponseCode::SUCCESS, "not set any response code");  // as it really does
}

}  // namespace rmq::testbroker
