// UPDATE_CONSUMER_OFFSET (15). 5.x wants to know the group and the topic.

#include "base/format.h"
#include "testbroker/handler_table.h"
#include "testbroker/java_fields.h"

namespace rmq::testbroker {

using protocol::ResponseCode;

namespace {

// In the order of a real broker, in which 4.9 checks no name.
Refusal update(const RequestContext& context) {
  ServerState& state = context.state;
  const bool is_5x = state.options.is_5x();
  JavaFields fields(context.request, BadNumber::ignored);
  const std::string_view group = context.request.field("consumerGroup").value_or("null");
  const std::string_view topic = is_5x ? fields.needed_text("topic") : fields.text("topic");
  if (auto refusal = fields.refusal(); refusal.refused()) return refusal;
  if (is_5x && !state.groups.contains(group)) {
    return {ResponseCode::SUBSCRIPTION_GROUP_NOT_EXIST, base::format("Group {} not exist!", group)};
  }
  if (is_5x && state.find_topic(topic) == nullptr) {
    return {ResponseCode::TOPIC_NOT_EXIST, base::format("Topic {} not exist!", topic)};
  }
  const std::int32_t queue_id = fields.needed_int32("queueId");
  const std::int64_t offset = fields.needed_int64("commitOffset");
  if (auto refusal = fields.refusal(); refusal.refused()) return refusal;
  if (!state.commit_offset(group, topic, queue_id, offset)) {
    return {ResponseCode::SYSTEM_ERROR, "too many offsets"};
  }
  return {};
}

}  // namespace

Handled handle_update_offset(const RequestContext& context, wire::Command* answer) {
  return finish(answer, update(context));
}

}  // namespace rmq::testbroker
