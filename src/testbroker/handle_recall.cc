// RECALL_MESSAGE (370). The recall is a message of its own in the same slot of the wheel of timers.

#include <utility>

#include "base/decimal.h"
#include "base/format.h"
#include "protocol/properties.h"
#include "protocol/recall_handle.h"
#include "testbroker/handler_table.h"
#include "testbroker/java_fields.h"
#include "testbroker/property_text.h"
#include "testbroker/timer_messages.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;

constexpr std::string_view kTag = "_RECALL_TAG_";

Message make_recall(const RequestContext& context, const protocol::RecallHandle& handle,
                    std::string_view group) {
  ServerState& state = context.state;
  Message message;
  message.topic = handle.topic;
  message.body = "0";
  message.born_ms = message.store_ms = state.wall_ms();
  message.born_port = static_cast<std::uint16_t>(context.connection);
  const auto put = [&message](std::string_view name, std::string_view value) {
    put_property(name, value, &message.properties);
  };
  put(protocol::kPropertyTags, kTag);
  put(protocol::kPropertyTimerDeleteKey, handle.topic + "+" + handle.message_id);
  put(protocol::kPropertyUniqKey, handle.message_id);
  put(protocol::kPropertyTimerDeliverMs, handle.timestamp_ms);
  if (!group.empty()) put(protocol::kPropertyProducerGroup, group);
  return message;
}

Refusal check_broker(const ServerState& state) {
  if (!state.options.recalls) {
    return {ResponseCode::NO_PERMISSION, "recall failed, operation is forbidden"};
  }
  if (!state.is_master()) {
    return {ResponseCode::SLAVE_NOT_AVAILABLE, "recall failed, broker service not available"};
  }
  return {};
}

Refusal check_handle(const ServerState& state, std::string_view topic,
                     const protocol::RecallHandle& handle) {
  if (topic != handle.topic) {
    return {ResponseCode::ILLEGAL_OPERATION, "recall failed, topic not match"};
  }
  if (state.options.broker_name != handle.broker_name) {
    return {ResponseCode::ILLEGAL_OPERATION, "recall failed, broker service not available"};
  }
  const std::int64_t left = base::parse_int64(handle.timestamp_ms).value_or(-1) - state.wall_ms();
  if (left <= 0 || left >= TimerMessages::kDelayMsMax) {
    return {ResponseCode::ILLEGAL_OPERATION, "recall failed, timestamp invalid"};
  }
  return {};
}

Refusal check_and_recall(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  JavaFields fields(context.request, BadNumber::ignored);
  const std::string_view topic = fields.needed_text("topic");
  const std::string_view text = fields.needed_text("recallHandle");
  if (auto refusal = fields.refusal(); refusal.refused()) return refusal;
  if (auto refusal = check_broker(state); refusal.refused()) return refusal;
  if (state.find_topic(topic) == nullptr) {
    return {ResponseCode::TOPIC_NOT_EXIST,
            base::format("recall failed, the topic[{}] not exist", topic)};
  }
  const auto handle = protocol::parse_recall_handle(text);
  if (!handle) return {ResponseCode::ILLEGAL_OPERATION, "recall handle is invalid"};
  if (auto refusal = check_handle(state, topic, *handle); refusal.refused()) return refusal;
  Message message = make_recall(context, *handle, fields.text("producerGroup"));
  if (state.timers.check(message).refused()) {
    return {ResponseCode::SYSTEM_ERROR, "recall failed, execute error"};
  }
  state.append(std::move(message));
  answer->fields.emplace_back("msgId", handle->message_id);
  return {ResponseCode::SUCCESS, "not set any response code"};  // its word for success
}

}  // namespace

Handled handle_recall(const RequestContext& context, wire::Command* answer) {
  Refusal refusal = check_and_recall(context, answer);
  if (!is_thrown(refusal.code, refusal.remark)) {
    answer->fields.emplace_back("MSG_REGION", "DefaultRegion");
  }
  return finish(answer, std::move(refusal));
}

}  // namespace rmq::testbroker
