// SEND_MESSAGE (10), SEND_MESSAGE_V2 (310) and SEND_BATCH_MESSAGE (320).

#include <algorithm>
#include <string>
#include <utility>

#include "base/decimal.h"
#include "base/format.h"
#include "protocol/names.h"
#include "protocol/properties.h"
#include "protocol/recall_handle.h"
#include "testbroker/handler_table.h"
#include "testbroker/property_text.h"
#include "testbroker/send_checks.h"
#include "testbroker/send_request.h"
#include "testbroker/stored_message.h"
#include "testbroker/timer_messages.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;
using protocol::SendMessageRequest;

const TopicConfig* find_or_create(const SendMessageRequest& send, ServerState& state) {
  if (const TopicConfig* topic = state.find_topic(send.topic)) return topic;
  const TopicConfig* made =
      state.create_topic(send.topic, send.default_topic, send.default_topic_queue_count);
  if (made != nullptr || !protocol::is_retry_topic(send.topic)) return made;
  return state.find_or_create_group_topic(send.topic);
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

bool has_delay(const protocol::Properties& properties) {
  return properties.find(protocol::kPropertyDelay) ||
         properties.find(protocol::kPropertyTimerDelaySec) ||
         properties.find(protocol::kPropertyTimerDelayMs) ||
         properties.find(protocol::kPropertyTimerDeliverMs);
}

// A message with a priority goes to the queue of that number, and none that is of another kind has
// a priority.
void apply_priority(const TopicConfig& topic, const ServerOptions& options, std::string* text,
                    std::int32_t* queue_id) {
  if (!options.is_54()) return;
  const protocol::Properties properties(*text);
  const auto value = properties.find(protocol::kPropertyPriority);
  const std::int32_t priority = value ? base::parse_int32(*value).value_or(-1) : -1;
  if (priority < 0) return;
  if (properties.find(protocol::kPropertyTransactionPrepared) == "true" || has_delay(properties) ||
      properties.find(protocol::kPropertyShardingKey)) {
    remove_property(protocol::kPropertyPriority, text);
    return;
  }
  *queue_id = std::min(priority, topic.write_queues - 1);
}

Message make_message(const RequestContext& context, const SendMessageRequest& send,
                     const std::string& topic, std::int32_t queue_id, const SentMessage& sent) {
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
  message.properties = sent.properties;
  message.body = sent.body;
  if (protocol::is_dlq_topic(topic))
    put_property(protocol::kPropertyDelay, "0", &message.properties);
  return message;
}

// Of a message that waits in the wheel of timers: its time is the first millisecond behind its
// slot's beginning.
std::string make_recall_handle(const Message& stored, const ServerState& state) {
  const auto slot = base::parse_int64(stored.property(protocol::kPropertyTimerOutMs));
  if (stored.topic != kTimerTopic || !slot || !state.options.is_54()) return {};
  const std::string_view topic = stored.property(protocol::kPropertyRealTopic);
  if (protocol::is_retry_topic(topic)) return {};
  return protocol::to_text(
      {.topic = std::string(topic),
       .broker_name = state.options.broker_name,
       .timestamp_ms = std::to_string(*slot + 1),
       .message_id = std::string(stored.property(protocol::kPropertyUniqKey))});
}

Refusal store_all(const RequestContext& context, const SendMessageRequest& send,
                  const std::string& topic, std::int32_t queue_id,
                  const std::vector<SentMessage>& messages, wire::Command* answer) {
  ServerState& state = context.state;
  std::string ids;
  std::string recall_handle;
  std::int64_t first_offset = 0;
  for (const SentMessage& sent : messages) {
    Message message = make_message(context, send, topic, queue_id, sent);
    if (state.timers.is_timed(message)) {
      if (auto refusal = state.timers.check(message); refusal.refused()) return refusal;
    }
    const bool is_half = send.kind == protocol::SendKind::message && HalfMessages::is_half(message);
    const Message& stored =
        is_half ? state.half_messages.add(std::move(message)) : state.append(std::move(message));
    if (send.kind != protocol::SendKind::batch) recall_handle = make_recall_handle(stored, state);
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
  if (!recall_handle.empty()) {
    answer->fields.emplace_back("recallHandle", std::move(recall_handle));
  }
  return {};
}

// Every message of 5.x has an id, and so has the answer.
std::string make_unique_id(ServerState& state) {
  auto& random = state.loop.random();
  return base::format("{:016X}{:016X}", random.next(), random.next());
}

Refusal check_group(const SendMessageRequest& send, ServerState& state) {
  if (!protocol::is_retry_topic(send.topic)) return {};
  const std::string_view group = send.topic.substr(protocol::kRetryPrefix.size());
  if (!state.groups.put(group)) {
    return {ResponseCode::SUBSCRIPTION_GROUP_NOT_EXIST,
            base::format("subscription group not exist, {} \n{}", group, help_line(state.options))};
  }
  if (send.kind != protocol::SendKind::batch || !state.options.is_5x()) return {};
  return {ResponseCode::MESSAGE_ILLEGAL,
          base::format("batch request does not support retry group {}", send.topic)};
}

// Finds the topic, or makes it.
Refusal check_target(const SendMessageRequest& send, const RequestContext& context,
                     const TopicConfig** topic) {
  ServerState& state = context.state;
  if (auto refusal = check_topic_name(send.topic, state.options); refusal.refused()) return refusal;
  if (auto refusal = check_may_send(send.topic); refusal.refused()) return refusal;
  *topic = find_or_create(send, state);
  if (*topic == nullptr) {
    return {ResponseCode::TOPIC_NOT_EXIST,
            base::format("topic[{}] not exist, apply first please!\n{}", send.topic,
                         help_line(state.options))};
  }
  if (auto refusal = check_queue_id(send.queue_id, **topic, context.connection, state.options);
      refusal.refused()) {
    return refusal;
  }
  return check_group(send, state);
}

Refusal check_and_store(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  if (!state.is_master()) {
    return {ResponseCode::SERVICE_NOT_AVAILABLE,
            "service not available now. It may be caused by one of the following reasons: the "
            "broker's disk is full [], messages are put to the slave, message store has been shut "
            "down, etc."};
  }
  SendMessageRequest send;
  if (auto refusal = read_send(context.request, state.options, &send); refusal.refused()) {
    return refusal;
  }
  const TopicConfig* topic = nullptr;
  if (auto refusal = check_target(send, context, &topic); refusal.refused()) return refusal;
  std::string unique_id(
      protocol::Properties(send.properties).find(protocol::kPropertyUniqKey).value_or(""));
  if (unique_id.empty() && state.options.is_5x()) unique_id = make_unique_id(state);
  std::vector<SentMessage> messages;
  if (auto refusal =
          read_messages(send, context.request.body,
                        make_stored_properties(send.properties, unique_id, state.options),
                        state.options, &messages);
      refusal.refused()) {
    return refusal;
  }
  if (is_dead_letter(send, context)) {
    const std::string dlq = protocol::dlq_topic(send.topic.substr(protocol::kRetryPrefix.size()));
    if (state.find_or_create_group_topic(dlq) == nullptr) {
      return {ResponseCode::SYSTEM_ERROR, base::format("topic[{}] not exist", dlq)};
    }
    if (auto refusal = store_all(context, send, dlq, 0, messages, answer); refusal.refused()) {
      return refusal;
    }
  } else {
    std::int32_t queue_id = choose_queue(send.queue_id, *topic, state);
    if (send.kind != protocol::SendKind::batch)
      apply_priority(*topic, state.options, &messages.front().properties, &queue_id);
    if (auto refusal = store_all(context, send, topic->name, queue_id, messages, answer);
        refusal.refused()) {
      return refusal;
    }
  }
  if (state.options.is_5x()) answer->fields.emplace_back("transactionId", std::move(unique_id));
  return {};
}

}  // namespace

Handled handle_send(const RequestContext& context, wire::Command* answer) {
  Refusal refusal = check_and_store(context, answer);
  if (!is_thrown(refusal.code, refusal.remark)) {
    answer->fields.emplace_back("MSG_REGION", "DefaultRegion");
    answer->fields.emplace_back("TRACE_ON", "true");
  }
  return finish(answer, std::move(refusal));
}

}  // namespace rmq::testbroker
