#include "testbroker/send_checks.h"

#include <algorithm>

#include "base/format.h"
#include "protocol/names.h"
#include "protocol/properties.h"

namespace rmq::testbroker {
namespace {

using protocol::BatchMessage;
using protocol::ResponseCode;

constexpr std::size_t kTopicCharactersMax = 127;
constexpr std::size_t kDerivedTopicCharactersMax = 255;  // of 5.x: retry and dead letters

ResponseCode code_of_bad_argument(const ServerOptions& options) {
  return options.is_5x() ? ResponseCode::INVALID_PARAMETER : ResponseCode::SYSTEM_ERROR;
}

std::string describe(const TopicConfig& topic, bool is_5x) {
  return base::format(
      "TopicConfig [topicName={}, readQueueNums={}, writeQueueNums={}, perm={}{}{}, "
      "topicFilterType=SINGLE_TAG, topicSysFlag={}, order=false{}]",
      topic.name, topic.read_queues, topic.write_queues, topic.perm & kPermRead ? 'R' : '-',
      topic.perm & kPermWrite ? 'W' : '-', topic.perm & kPermInherit ? 'X' : '-',
      topic.topic_sys_flag, is_5x ? ", attributes={}" : "");
}

Refusal check_size(const BatchMessage& message, const ServerOptions& options) {
  const ServerLimits& limits = options.limits;
  if (message.body.size() <= limits.body_bytes_max &&
      make_stored_properties(message.properties_text, options).size() <=
          limits.properties_bytes_max) {
    return {};
  }
  constexpr std::string_view kSentence =
      "the message is illegal, maybe msg body or properties length not matched. msg body length "
      "limit ";
  return {ResponseCode::MESSAGE_ILLEGAL,
          options.is_5x() ? base::format("{}{}B, msg properties length limit 32KB.", kSentence,
                                         limits.body_bytes_max)
                          : base::format("{}128k, msg properties length limit 32k.", kSentence)};
}

}  // namespace

bool has_only_name_characters(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '%' || c == '|';
  });
}

Refusal check_topic_name(std::string_view topic, const ServerOptions& options) {
  const ResponseCode code = code_of_bad_argument(options);
  if (topic.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return {code, "The specified topic is blank."};
  }
  if (!has_only_name_characters(topic)) {
    return {code, base::format("The specified topic{} contains illegal characters, allowing only "
                               "^[%|a-zA-Z0-9_-]+$",
                               options.is_5x() ? base::format(": {},", topic) : "")};
  }
  const bool is_derived = topic.starts_with("%RETRY%") || topic.starts_with("%DLQ%");
  const std::size_t limit =
      options.is_5x() && is_derived ? kDerivedTopicCharactersMax : kTopicCharactersMax;
  if (topic.size() > limit) {
    return {code, base::format("The specified topic is longer than topic max length {}.", limit)};
  }
  if (!protocol::may_send_to(topic)) {
    return {ResponseCode::NO_PERMISSION,
            base::format("Sending message to topic[{}] is forbidden.", topic)};
  }
  return {};
}

Refusal check_queue_id(std::int32_t queue_id, const TopicConfig& topic, std::uint64_t connection,
                       const ServerOptions& options) {
  if (queue_id < std::max(topic.read_queues, topic.write_queues)) return {};
  return {code_of_bad_argument(options),
          base::format("request queueId[{}] is illegal, {} Producer: 127.0.0.1:{}", queue_id,
                       describe(topic, options.is_5x()), static_cast<std::uint16_t>(connection))};
}

std::string make_stored_properties(std::string_view sent, const ServerOptions& options) {
  std::string text(sent);
  if (!text.empty() && text.back() != protocol::kPropertyEnd) text += protocol::kPropertyEnd;
  if (options.is_5x()) {
    protocol::append_property(protocol::kPropertyRegion, "DefaultRegion", &text);
    protocol::append_property(protocol::kPropertyTraceOn, "true", &text);
  }
  protocol::append_property(protocol::kPropertyCluster, options.cluster_name, &text);
  if (!options.is_5x()) text.pop_back();  // 4.9 ends without the separator
  return text;
}

Refusal read_messages(const protocol::SendMessageRequest& send, base::Bytes body,
                      const ServerOptions& options, std::vector<BatchMessage>* messages) {
  const BatchMessage whole{.flag = send.flag, .body = body, .properties_text = send.properties};
  if (Refusal refusal = check_size(whole, options); refusal.refused()) return refusal;
  if (send.kind != protocol::SendKind::batch) {
    messages->push_back(whole);
    return {};
  }
  protocol::BatchReader reader(body);
  for (BatchMessage message; reader.next(&message);) {
    if (Refusal refusal = check_size(message, options); refusal.refused()) return refusal;
    messages->push_back(message);
  }
  if (!reader.status().ok()) {
    return {ResponseCode::MESSAGE_ILLEGAL, reader.status().error().message};
  }
  if (messages->empty()) return {ResponseCode::MESSAGE_ILLEGAL, "the batch has no message"};
  return {};
}

}  // namespace rmq::testbroker
