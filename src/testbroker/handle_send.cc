// SEND_MESSAGE (10), SEND_MESSAGE_V2 (310) and SEND_BATCH_MESSAGE (320).

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"
#include "protocol/names.h"
#include "protocol/properties.h"
#include "testbroker/handler_table.h"
#include "testbroker/property_text.h"
#include "testbroker/send_checks.h"
#include "testbroker/stored_message.h"

namespace rmq::testbroker {
namespace {

using protocol::BatchMessage;
using protocol::ResponseCode;
using protocol::SendMessageRequest;

const TopicConfig* find_or_create(const SendMessageRequest& send, ServerState& state) {
  if (const TopicConfig* topic = state.find_topic(send.topic)) return topic;
  if (send.topic.starts_with("%RETRY%")) return state.find_or_create_group_topic(send.topic);
  return state.create_topic(send.topic, send.default_topic, send.default_topic_queue_count);
}

std::int32_t choose_queue(std::int32_t wanted, const TopicConfig& topic, ServerState& state) {
  if (wanted >= 0) return wanted;
  const auto queues = static_cast<std::uint64_t>(std::max(topic.write_queues, 1));
  return static_cast<std::int32_t>(state.loop.random().below(queues));
}

// Whether this is the resend of a message that its group has failed to consume too often. 5.x takes
// one more than 4.9, and none of a group that has locked queues: orderly consumers resend only what
// they have given up.
bool is_dead_letter(const SendMessageRequest& send, const RequestContext& context) {
  if (!protocol::is_retry_topic(send.topic)) return false;
  const ServerOptions& options = context.state.options;
  const bool own_maximum =
      send.max_reconsume_times >= 0 && context.request.version >= kOwnReconsumeMaximumVersion;
  const std::int32_t maximum = own_maximum ? send.max_reconsume_times : options.retry_times_max;
  if (!options.is_5x()) return send.reconsume_times >= maximum;
  const std::string_view group = send.topic.substr(protocol::kRetryPrefix.size());
  return send.reconsume_times > maximum ||
         context.state.locks.has_live_lock(group, context.state.loop.now());
}

const Message& store_one(const RequestContext& context, const SendMessageRequest& send,
                         const std::string& topic, std::int32_t queue_id,
                         const BatchMessage& sent) {
  ServerState& state = context.state;
  Message message;
  message.topic = topic;
  message.queue_id = queue_id;
  message.flag = sent.flag;
  message.sys_flag = send.sys_flag;
  message.born_ms = send.born_timestamp_ms;
  message.born_port = static_cast<std::uint16_t>(context.connection);
  message.store_ms = state.wall_ms();
  message.reconsume_times = send.reconsume_times;
  message.properties = make_stored_properties(sent.properties_text, state.options);
  message.body = base::as_text(sent.body);
  if (protocol::is_dlq_topic(topic))
    put_property(protocol::kPropertyDelay, "0", &message.properties);
  return state.append(std::move(message));
}

void store_all(const RequestContext& context, const SendMessageRequest& send,
               const std::string& topic, std::int32_t queue_id,
               const std::vector<BatchMessage>& messages, wire::Command* answer) {
  std::string ids;
  std::int64_t first_offset = 0;
  for (const BatchMessage& message : messages) {
    const Message& stored = store_one(context, send, topic, queue_id, message);
    if (ids.empty()) {
      first_offset = stored.queue_offset;
    } else {
      ids += ',';
    }
    ids += make_offset_message_id(context.state.store_host, stored.commit_log_offset);
  }
  answer->fields.emplace_back("msgId", std::move(ids));
  answer->fields.emplace_back("queueId", std::to_string(queue_id));
  answer->fields.emplace_back("queueOffset", std::to_string(first_offset));
  if (context.state.options.is_5x()) {
    const auto id = protocol::Properties(send.properties).find(protocol::kPropertyUniqKey);
    if (id) answer->fields.emplace_back("transactionId", std::string(*id));
  }
}

Refusal check_and_store(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  if (!state.is_master()) {
    return {ResponseCode::SERVICE_NOT_AVAILABLE,
            "service not available now. It may be caused by one of the following reasons: the "
            "broker's disk is full [], messages are put to the slave, message store has been shut "
            "down, etc."};
  }
  const auto send = protocol::parse_send_request(context.request);
  if (!send.ok()) return {ResponseCode::SYSTEM_ERROR, send.error().message};
  if (auto refusal = check_topic_name(send.value().topic, state.options); refusal.refused()) {
    return refusal;
  }
  const TopicConfig* topic = find_or_create(send.value(), state);
  if (topic == nullptr) {
    return {ResponseCode::TOPIC_NOT_EXIST,
            base::format("topic[{}] not exist, apply first please!\n{}", send.value().topic,
                         help_line(state.options))};
  }
  const std::int32_t wanted = send.value().queue_id;
  if (auto refusal = check_queue_id(wanted, *topic, context.connection, state.options);
      refusal.refused()) {
    return refusal;
  }
  std::vector<BatchMessage> messages;
  if (auto refusal = read_messages(send.value(), context.request.body, state.options, &messages);
      refusal.refused()) {
    return refusal;
  }
  if (is_dead_letter(send.value(), context)) {
    const std::string dlq =
        protocol::dlq_topic(send.value().topic.substr(protocol::kRetryPrefix.size()));
    if (state.find_or_create_group_topic(dlq) == nullptr) {
      return {ResponseCode::SYSTEM_ERROR, base::format("topic[{}] not exist", dlq)};
    }
    store_all(context, send.value(), dlq, 0, messages, answer);
  } else {
    store_all(context, send.value(), topic->name, choose_queue(wanted, *topic, state), messages,
              answer);
  }
  return {};
}

}  // namespace

Handled handle_send(const RequestContext& context, wire::Command* answer) {
  Refusal refusal = check_and_store(context, answer);
  answer->fields.emplace_back("MSG_REGION", "DefaultRegion");
  answer->fields.emplace_back("TRACE_ON", "true");
  return finish(answer, refusal.code, std::move(refusal.remark));
}

}  // namespace rmq::testbroker
