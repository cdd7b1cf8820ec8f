// UPDATE_CONSUMER_OFFSET (15). 5.x wants to know the group and the topic.

#include "base/format.h"
#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {

using protocol::ResponseCode;

Handled handle_update_offset(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  const auto queue = parse_queue_request(context.request);
  const auto offset = context.request.field_int64("commitOffset");
  const auto group = context.request.field("consumerGroup");
  if (!queue.ok()) return finish(answer, ResponseCode::SYSTEM_ERROR, queue.error().message);
  if (!offset || !group) {
    return finish(answer, ResponseCode::SYSTEM_ERROR, "no consumerGroup or no commitOffset");
  }
  if (state.options.is_5x() && !state.groups.contains(*group)) {
    return finish(answer, ResponseCode::SUBSCRIPTION_GROUP_NOT_EXIST,
                  base::format("Group {} not exist!", *group));
  }
  const std::string_view topic = queue.value().topic;
  if (state.options.is_5x() && state.find_topic(topic) == nullptr) {
    return finish(answer, ResponseCode::TOPIC_NOT_EXIST,
                  base::format("Topic {} not exist!", topic));
  }
  if (!state.commit_offset(*group, topic, queue.value().queue_id, *offset)) {
    return finish(answer, ResponseCode::SYSTEM_ERROR, "too many offsets");
  }
  return finish(answer, ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
