// PULL_MESSAGE (11): what is there, without waiting, without filters, and without looking for the
// group's subscription.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "testbroker/handler_table.h"
#include "testbroker/stored_message.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;

constexpr std::int64_t kMessagesMax = 32;  // a broker's bound for messages in memory

// Fills the body and returns the offset to go on from.
std::int64_t take_messages(const ServerState& state, std::string_view topic, std::int32_t queue_id,
                           std::int64_t offset, std::int64_t count, wire::Command* answer) {
  for (; count > 0; --count, ++offset) {
    const Message* message = state.store.find(topic, queue_id, offset);
    if (message == nullptr) break;
    if (!answer->body.empty() &&
        answer->body.size() + message->stored_bytes() > state.options.limits.pull_bytes_max) {
      break;
    }
    if (!append_stored_message(*message, state.store_host, &answer->body).ok()) break;
  }
  return offset;
}

void fill(const ServerState& state, std::string_view topic, std::int32_t queue_id,
          std::int64_t offset, std::int64_t count, wire::Command* answer) {
  const std::int64_t min = state.store.min_offset(topic, queue_id);
  const std::int64_t max = state.store.max_offset(topic, queue_id);
  std::int64_t next = offset;
  if (max == 0) {
    next = 0;
    finish(answer, offset == 0 ? ResponseCode::PULL_NOT_FOUND : ResponseCode::PULL_OFFSET_MOVED,
           "NO_MESSAGE_IN_QUEUE");
  } else if (offset < min) {
    next = min;
    finish(answer, ResponseCode::PULL_OFFSET_MOVED, "OFFSET_TOO_SMALL");
  } else if (offset == max) {
    finish(answer, ResponseCode::PULL_NOT_FOUND, "OFFSET_OVERFLOW_ONE");
  } else if (offset > max) {
    next = max;
    finish(answer, ResponseCode::PULL_OFFSET_MOVED, "OFFSET_OVERFLOW_BADLY");
  } else {
    next = take_messages(state, topic, queue_id, offset, count, answer);
    finish(answer, ResponseCode::SUCCESS, "FOUND");
  }
  answer->fields.emplace_back("suggestWhichBrokerId", "0");
  answer->fields.emplace_back("nextBeginOffset", std::to_string(next));
  answer->fields.emplace_back("minOffset", std::to_string(min));
  answer->fields.emplace_back("maxOffset", std::to_string(max));
  if (state.options.is_5x()) {
    answer->fields.emplace_back("topicSysFlag", "0");
    answer->fields.emplace_back("groupSysFlag", "0");
  }
}

}  // namespace

Handled handle_pull(const RequestContext& context, wire::Command* answer) {
  const wire::CommandView& request = context.request;
  const ServerState& state = context.state;
  const auto name = request.field("topic");
  const auto queue_id = request.field_int64("queueId");
  const auto offset = request.field_int64("queueOffset");
  const auto count = request.field_int64("maxMsgNums");
  if (!name || !queue_id || !offset || !count) {
    return finish(answer, ResponseCode::SYSTEM_ERROR,
                  "topic, queueId, queueOffset or maxMsgNums is missing or no number");
  }
  const TopicConfig* topic = state.find_topic(*name);
  if (topic == nullptr) {
    return finish(answer, ResponseCode::TOPIC_NOT_EXIST,
                  fmt::format("topic[{}] not exist, apply first please! \n{}", *name,
                              help_line(state.options)));
  }
  if (*queue_id < 0 || *queue_id >= topic->read_queues) {
    return finish(
        answer,
        state.options.is_5x() ? ResponseCode::INVALID_PARAMETER : ResponseCode::SYSTEM_ERROR,
        fmt::format("queueId[{}] is illegal, topic:[{}] topicConfig.readQueueNums:[{}] "
                    "consumer:[/127.0.0.1:{}]",
                    *queue_id, *name, topic->read_queues,
                    static_cast<std::uint16_t>(context.connection)));
  }
  fill(state, *name, static_cast<std::int32_t>(*queue_id), *offset,
       std::clamp<std::int64_t>(*count, 1, kMessagesMax), answer);
  return Handled::answered;
}

}  // namespace rmq::testbroker
