// CONSUMER_SEND_MSG_BACK (36). The message is read again by its place in the commit log and stored
// for the group. The group gets it after the delay of the level, or as a dead letter.

#include <utility>

#include "base/format.h"
#include "protocol/names.h"
#include "protocol/properties.h"
#include "protocol/send_back.h"
#include "testbroker/handler_table.h"
#include "testbroker/java_fields.h"
#include "testbroker/property_text.h"
#include "testbroker/send_checks.h"
#include "testbroker/stored_message.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;
using protocol::SendBackRequest;

constexpr std::int32_t kFirstRetryLevel = 3;

Refusal read(const wire::CommandView& request, const ServerOptions& options,
             SendBackRequest* send_back) {
  JavaFields fields(request, BadNumber::ignored);
  send_back->commit_log_offset = fields.needed_int64("offset");
  send_back->group = fields.needed_text("group");
  send_back->delay_level = fields.int32("delayLevel", 0);
  send_back->origin_message_id = fields.text("originMsgId");
  send_back->origin_topic = fields.text("originTopic");
  const std::int32_t own = fields.int32("maxReconsumeTimes", options.retry_times_max);
  send_back->max_reconsume_times =
      request.version < kOwnReconsumeMaximumVersion ? options.retry_times_max : own;
  return fields.refusal();
}

Message make_retry(const Message& found, const SendBackRequest& request, const ServerState& state,
                   std::int32_t delay_level) {
  Message message = found;
  ++message.reconsume_times;
  message.queue_id = 0;
  message.store_ms = state.wall_ms();
  if (found.property(protocol::kPropertyRetryTopic).empty()) {
    put_property(protocol::kPropertyRetryTopic, found.topic, &message.properties);
  }
  put_property(protocol::kPropertyWait, "false", &message.properties);
  put_property(protocol::kPropertyDelay, std::to_string(delay_level), &message.properties);
  if (found.property(protocol::kPropertyOriginMessageId).empty()) {
    put_property(protocol::kPropertyOriginMessageId,
                 make_offset_message_id(state.store_host, found.commit_log_offset),
                 &message.properties);
  }
  message.topic =
      delay_level == 0 ? protocol::dlq_topic(request.group) : protocol::retry_topic(request.group);
  return message;
}

// 0 for a dead letter.
std::int32_t choose_level(const Message& found, const SendBackRequest& request) {
  if (found.reconsume_times >= request.max_reconsume_times || request.delay_level < 0) return 0;
  return request.delay_level > 0 ? request.delay_level : kFirstRetryLevel + found.reconsume_times;
}

Refusal store_again(const SendBackRequest& request, ServerState& state) {
  if (!state.is_master()) return {ResponseCode::SYSTEM_ERROR, "SERVICE_NOT_AVAILABLE"};
  if (!state.groups.put(request.group)) {
    return {ResponseCode::SUBSCRIPTION_GROUP_NOT_EXIST,
            base::format("subscription group not exist, {} \n{}", request.group,
                         help_line(state.options))};
  }
  const std::string retry_topic = protocol::retry_topic(request.group);
  if (state.find_or_create_group_topic(retry_topic) == nullptr) {
    return {ResponseCode::SYSTEM_ERROR, base::format("topic[{}] not exist", retry_topic)};
  }
  const Message* found = state.store.find_at(request.commit_log_offset, request.origin_topic);
  if (found == nullptr) {
    return {ResponseCode::SYSTEM_ERROR,
            base::format("look message by offset failed, {}", request.commit_log_offset)};
  }
  Message message = make_retry(*found, request, state, choose_level(*found, request));
  if (state.find_or_create_group_topic(message.topic) == nullptr) {
    return {ResponseCode::SYSTEM_ERROR, base::format("topic[{}] not exist", message.topic)};
  }
  state.append(std::move(message));
  return {};
}

}  // namespace

Handled handle_send_back(const RequestContext& context, wire::Command* answer) {
  SendBackRequest request;
  Refusal refusal = read(context.request, context.state.options, &request);
  if (!refusal.refused()) refusal = store_again(request, context.state);
  return finish(answer, std::move(refusal));
}

}  // namespace rmq::testbroker
