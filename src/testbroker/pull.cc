#include "testbroker/pull.h"

#include <algorithm>

#include "base/format.h"
#include "protocol/pull_message.h"
#include "testbroker/handler_table.h"
#include "testbroker/java_fields.h"
#include "testbroker/send_checks.h"
#include "testbroker/stored_message.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;

constexpr std::int64_t kMessagesMax = 32;   // a broker's bound for messages in memory
constexpr std::int64_t kLookedAtMax = 800;  // per pull, when a filter takes few of them

Refusal refuse_with_help(ResponseCode code, std::string_view remark, const ServerState& state) {
  return {code, base::format("{}\n{}", remark, help_line(state.options))};
}

Refusal check_target(const Pull& pull, ServerState& state) {
  if (!state.groups.put(pull.group)) {
    return refuse_with_help(ResponseCode::SUBSCRIPTION_GROUP_NOT_EXIST,
                            base::format("subscription group [{}] does not exist, ", pull.group),
                            state);
  }
  const TopicConfig* topic = state.find_topic(pull.topic);
  if (topic == nullptr) {
    return refuse_with_help(ResponseCode::TOPIC_NOT_EXIST,
                            base::format("topic[{}] not exist, apply first please! ", pull.topic),
                            state);
  }
  if ((topic->perm & kPermRead) == 0) {
    return {ResponseCode::NO_PERMISSION,
            base::format("the topic[{}] pulling message is forbidden", pull.topic)};
  }
  if (pull.queue_id < 0 || pull.queue_id >= topic->read_queues) {
    return {state.options.is_5x() ? ResponseCode::INVALID_PARAMETER : ResponseCode::SYSTEM_ERROR,
            base::format("queueId[{}] is illegal, topic:[{}] topicConfig.readQueueNums:[{}] "
                         "consumer:[/127.0.0.1:{}]",
                         pull.queue_id, pull.topic, topic->read_queues,
                         static_cast<std::uint16_t>(pull.connection))};
  }
  return {};
}

bool is_tag_type(std::string_view expression_type) {
  return expression_type.empty() || expression_type == protocol::kExpressionTag;
}

Refusal refuse_expression(std::string_view expression_type) {
  return {ResponseCode::SYSTEM_ERROR,
          base::format("The broker does not support consumer to filter message by {}",
                       expression_type)};
}

Refusal read_own_subscription(const Pull& pull, TagFilter* filter) {
  if (!is_tag_type(pull.expression_type)) return refuse_expression(pull.expression_type);
  const auto subscription = protocol::parse_tag_expression(pull.topic, pull.subscription);
  if (!subscription.ok()) {
    return {ResponseCode::SUBSCRIPTION_PARSE_FAILED, "parse the consumer's subscription failed"};
  }
  *filter = TagFilter(subscription.value());
  return {};
}

// The one that the group's heartbeats brought.
Refusal find_subscription(const Pull& pull, const ServerState& state, TagFilter* filter) {
  const ConsumerGroup* group = state.clients.find_consumers(pull.group);
  if (group == nullptr) {
    return refuse_with_help(ResponseCode::SUBSCRIPTION_NOT_EXIST,
                            "the consumer's group info not exist", state);
  }
  const auto subscription = group->subscriptions.find(pull.topic);
  if (subscription == group->subscriptions.end()) {
    return refuse_with_help(ResponseCode::SUBSCRIPTION_NOT_EXIST,
                            "the consumer's subscription not exist", state);
  }
  if (subscription->second.sub_version < pull.sub_version) {
    return {ResponseCode::SUBSCRIPTION_NOT_LATEST, "the consumer's subscription not latest"};
  }
  if (!is_tag_type(subscription->second.expression_type)) {
    return refuse_expression(subscription->second.expression_type);
  }
  *filter = TagFilter(subscription->second);
  return {};
}

// Fills the body and returns the offset to go on from.
std::int64_t take_messages(const Pull& pull, const ServerState& state, const TagFilter& filter,
                           wire::Command* answer) {
  const std::int64_t count_max = std::clamp<std::int64_t>(pull.message_count_max, 1, kMessagesMax);
  const std::size_t bytes_max = state.options.limits.pull_bytes_max;
  const std::int64_t end =
      pull.offset + std::max<std::int64_t>(kLookedAtMax, pull.message_count_max);
  std::int64_t count = 0;
  std::int64_t offset = pull.offset;
  for (; offset < end && count < count_max; ++offset) {
    const Message* message = state.store.find(pull.topic, pull.queue_id, offset);
    if (message == nullptr) break;
    if (count > 0 && answer->body.size() + message->stored_bytes() > bytes_max) break;
    if (!filter.matches(*message)) continue;
    if (append_stored_message(*message, &answer->body).ok()) ++count;
  }
  return offset;
}

struct Found {
  ResponseCode code;
  const char* status;
  std::int64_t next;
};

Found look(const Pull& pull, const ServerState& state, const TagFilter& filter, std::int64_t min,
           std::int64_t max, wire::Command* answer) {
  if (max == 0) {
    return {pull.offset == 0 ? ResponseCode::PULL_NOT_FOUND : ResponseCode::PULL_OFFSET_MOVED,
            "NO_MESSAGE_IN_QUEUE", 0};
  }
  if (pull.offset < min) return {ResponseCode::PULL_OFFSET_MOVED, "OFFSET_TOO_SMALL", min};
  if (pull.offset == max) return {ResponseCode::PULL_NOT_FOUND, "OFFSET_OVERFLOW_ONE", max};
  if (pull.offset > max) return {ResponseCode::PULL_OFFSET_MOVED, "OFFSET_OVERFLOW_BADLY", max};
  const std::int64_t next = take_messages(pull, state, filter, answer);
  if (answer->body.empty()) {
    return {ResponseCode::PULL_RETRY_IMMEDIATELY, "NO_MATCHED_MESSAGE", next};
  }
  return {ResponseCode::SUCCESS, "FOUND", next};
}

}  // namespace

Refusal read_pull(const wire::CommandView& request, std::uint64_t connection,
                  const ServerOptions& options, Pull* pull) {
  JavaFields fields(request, BadNumber::refused);
  pull->connection = connection;
  pull->group = fields.needed_text("consumerGroup");
  pull->topic = fields.needed_text("topic");
  pull->queue_id = fields.needed_int32("queueId");
  pull->offset = fields.needed_int64("queueOffset");
  pull->message_count_max = fields.needed_int32("maxMsgNums");
  pull->sys_flag = fields.needed_int32("sysFlag");
  pull->commit_offset = fields.int64("commitOffset", 0);
  pull->suspend_timeout_ms = fields.int64("suspendTimeoutMillis", 0);
  pull->subscription = fields.text("subscription");
  pull->sub_version = fields.int64("subVersion", 0);
  pull->expression_type = fields.text("expressionType");
  if (options.is_5x()) fields.int32("maxMsgBytes", 0);  // read and not used
  return fields.refusal();
}

PullOutcome run_pull(const Pull& pull, ServerState& state, TagFilter* filter,
                     wire::Command* answer) {
  Refusal refusal = check_target(pull, state);
  if (!refusal.refused()) {
    refusal = pull.has(protocol::kPullFlagSubscription) ? read_own_subscription(pull, filter)
                                                        : find_subscription(pull, state, filter);
  }
  if (refusal.refused()) {
    if (refusal.code == ResponseCode::NO_PERMISSION && state.options.is_5x()) {
      answer->fields.emplace_back("forbiddenType", "3");  // the topic is
    }
    finish(answer, std::move(refusal));
    return PullOutcome::refused;
  }
  const std::int64_t min = state.store.min_offset(pull.topic, pull.queue_id);
  const std::int64_t max = state.store.max_offset(pull.topic, pull.queue_id);
  Found found = look(pull, state, *filter, min, max, answer);
  if (!state.is_master() && !state.options.slave_reads) {
    answer->body.clear();
    found = {ResponseCode::PULL_RETRY_IMMEDIATELY, "SLAVE_READ_DISABLED", pull.offset};
  }
  finish(answer, found.code, found.status);
  answer->fields.emplace_back("suggestWhichBrokerId",
                              std::to_string(state.quirks.suggested_broker));
  answer->fields.emplace_back("nextBeginOffset", std::to_string(found.next));
  answer->fields.emplace_back("minOffset", std::to_string(min));
  answer->fields.emplace_back("maxOffset", std::to_string(max));
  if (state.options.is_5x()) {
    answer->fields.emplace_back("topicSysFlag", "0");
    answer->fields.emplace_back("groupSysFlag", "0");
  }
  return found.code == ResponseCode::PULL_NOT_FOUND ? PullOutcome::nothing : PullOutcome::answered;
}

}  // namespace rmq::testbroker
