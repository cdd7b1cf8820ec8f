#include "testbroker/send_checks.h"

#include <algorithm>
#include <utility>

#include "base/decimal.h"
#include "base/format.h"
#include "protocol/names.h"
#include "protocol/properties.h"
#include "testbroker/property_text.h"

namespace rmq::testbroker {
namespace {

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

Refusal check_size(const SentMessage& message, const ServerOptions& options) {
  const ServerLimits& limits = options.limits;
  if (message.body.size() <= limits.body_bytes_max &&
      message.properties.size() <= limits.properties_bytes_max) {
    return {};
  }
  return {ResponseCode::MESSAGE_ILLEGAL,
          base::format("the message is illegal, maybe msg body or properties length not matched. "
                       "msg body length limit {}B, msg properties length limit 32KB.",
                       limits.body_bytes_max)};
}

Refusal check_level(std::string_view properties) {
  const auto level = protocol::Properties(properties).find(protocol::kPropertyDelay);
  if (!level || base::parse_int32(*level)) return {};
  return refuse_number(*level);
}

// How a broker fails at a batch that is none.
Refusal refuse_batch(base::Bytes body) {
  return refuse_thrown(body.size() < sizeof(std::int32_t)
                           ? "java.nio.BufferUnderflowException"
                           : "java.lang.ArrayIndexOutOfBoundsException");
}

// In 4.9 the messages of a batch get the properties of the whole behind their own, in 5.x nothing.
std::string make_inner_properties(std::string_view own, std::string_view outer,
                                  const ServerOptions& options) {
  std::string text(own);
  if (options.is_5x()) return text;
  if (!text.empty() && text.back() != protocol::kPropertyEnd) text += protocol::kPropertyEnd;
  text += outer;
  return text;
}

Refusal read_batch(base::Bytes body, std::string_view properties, const ServerOptions& options,
                   std::vector<SentMessage>* messages) {
  if (body.empty()) return refuse_null("the body");
  protocol::BatchReader reader(body);
  for (protocol::BatchMessage message; reader.next(&message);) {
    messages->push_back({message.flag, base::as_text(message.body),
                         make_inner_properties(message.properties_text, properties, options)});
    if (Refusal refusal = check_size(messages->back(), options); refusal.refused()) return refusal;
  }
  return reader.status().ok() ? Refusal{} : refuse_batch(body);
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
  if (!options.is_5x() && topic.size() > kTopicCharactersMax) {
    return {code, "The specified topic is longer than topic max length."};
  }
  if (!is_derived && topic.size() > kTopicCharactersMax) {
    return {code, base::format("The specified topic: {}, is longer than topic max length: {}",
                               topic, kTopicCharactersMax)};
  }
  if (topic.size() > kDerivedTopicCharactersMax) {
    return {code,
            base::format("The specified topic is DLQ or Retry topic: {}, and it's longer than "
                         "topic max length: {}",
                         topic, kDerivedTopicCharactersMax)};
  }
  return {};
}

Refusal check_may_send(std::string_view topic) {
  if (protocol::may_send_to(topic)) return {};
  return {ResponseCode::NO_PERMISSION,
          base::format("Sending message to topic[{}] is forbidden.", topic)};
}

Refusal check_not_of_the_system(std::string_view topic, const ServerOptions& options) {
  const bool taken = protocol::is_system_topic(topic) || topic == options.cluster_name ||
                     topic == options.broker_name;
  if (!taken) return {};
  return {code_of_bad_argument(options),
          base::format("The topic[{}] is conflict with system topic.", topic)};
}

Refusal check_queue_id(std::int32_t queue_id, const TopicConfig& topic, std::uint64_t connection,
                       const ServerOptions& options) {
  if (queue_id < std::max(topic.read_queues, topic.write_queues)) return {};
  return {code_of_bad_argument(options),
          base::format("request queueId[{}] is illegal, {} Producer: 127.0.0.1:{}", queue_id,
                       describe(topic, options.is_5x()), static_cast<std::uint16_t>(connection))};
}

std::string make_stored_properties(std::string_view sent, std::string_view unique_id,
                                   const ServerOptions& options) {
  std::string text;
  const auto put = [&text](std::string_view name, std::string_view value) {
    put_property(name, value, &text);
  };
  for (const protocol::Property& property : protocol::Properties(sent)) {
    put(property.name, property.value);
  }
  if (options.is_5x()) {
    put(protocol::kPropertyRegion, "DefaultRegion");
    put(protocol::kPropertyTraceOn, "true");
    if (!unique_id.empty() && !protocol::Properties(text).find(protocol::kPropertyUniqKey)) {
      put(protocol::kPropertyUniqKey, unique_id);
    }
  }
  put(protocol::kPropertyCluster, options.cluster_name);
  if (!options.is_5x()) text.pop_back();  // 4.9 ends without the separator
  return text;
}

Refusal read_messages(const protocol::SendMessageRequest& send, base::Bytes body,
                      std::string properties, const ServerOptions& options,
                      std::vector<SentMessage>* messages) {
  if (Refusal refusal = check_level(properties); refusal.refused()) return refusal;
  if (send.kind == protocol::SendKind::batch) {
    return read_batch(body, properties, options, messages);
  }
  if (body.empty() && options.is_5x()) return refuse_null("the body");
  if (!options.is_5x()) {  // it has done its work before the message is stored
    const bool ended = properties.ends_with(protocol::kPropertyEnd);
    remove_property(protocol::kPropertyWait, &properties);
    if (!ended && !properties.empty()) properties.pop_back();
  }
  messages->push_back({send.flag, base::as_text(body), std::move(properties)});
  return check_size(messages->back(), options);
}

}  // namespace rmq::testbroker
