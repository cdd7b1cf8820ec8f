#include "protocol/heartbeat.h"

#include <algorithm>
#include <iterator>

#include "base/java_string_hash.h"
#include "protocol/subscription_json.h"

namespace rmq::protocol {
namespace {

constexpr std::string_view kConsumeTypes[] = {"CONSUME_ACTIVELY", "CONSUME_PASSIVELY"};
constexpr std::string_view kMessageModels[] = {"BROADCASTING", "CLUSTERING"};
constexpr std::string_view kWheres[] = {
    "CONSUME_FROM_LAST_OFFSET",  "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST",
    "CONSUME_FROM_MIN_OFFSET",   "CONSUME_FROM_MAX_OFFSET",
    "CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_TIMESTAMP",
};

// A name that came after this list keeps the default.
template <typename Enum, std::size_t kCount>
void read_name(const Json& value, const char* name, const std::string_view (&names)[kCount],
               Enum* result) {
  const auto* found = std::find(std::begin(names), std::end(names), text_at(value, name));
  if (found != std::end(names)) *result = static_cast<Enum>(found - std::begin(names));
}

ConsumerData consumer_from_json(const Json& value) {
  ConsumerData consumer;
  consumer.group = text_at(value, "groupName");
  read_name(value, "consumeType", kConsumeTypes, &consumer.consume_type);
  read_name(value, "messageModel", kMessageModels, &consumer.message_model);
  read_name(value, "consumeFromWhere", kWheres, &consumer.consume_from_where);
  consumer.unit_mode = bool_at(value, "unitMode");
  for (const Json& subscription : member(value, "subscriptionDataSet")) {
    consumer.subscriptions.push_back(subscription_from_json(subscription));
  }
  return consumer;
}

Json consumer_to_json(const ConsumerData& consumer) {
  Json subscriptions = Json::array();
  for (const SubscriptionData& subscription : consumer.subscriptions) {
    subscriptions.push_back(subscription_to_json(subscription));
  }
  return {{"groupName", consumer.group},
          {"consumeType", to_text(consumer.consume_type)},
          {"messageModel", to_text(consumer.message_model)},
          {"consumeFromWhere", to_text(consumer.consume_from_where)},
          {"unitMode", consumer.unit_mode},
          {"subscriptionDataSet", std::move(subscriptions)}};
}

}  // namespace

std::string_view to_text(ConsumeType type) { return kConsumeTypes[static_cast<std::size_t>(type)]; }
std::string_view to_text(MessageModel model) {
  return kMessageModels[static_cast<std::size_t>(model)];
}
std::string_view to_text(ConsumeFromWhere where) {
  return kWheres[static_cast<std::size_t>(where)];
}

base::Result<HeartbeatData> parse_heartbeat(std::string_view text) {
  base::Result<Json> parsed = parse_json_object(text, "reading a heartbeat");
  if (!parsed.ok()) return parsed.take_error();
  const Json& body = parsed.value();
  HeartbeatData heartbeat;
  heartbeat.client_id = text_at(body, "clientID");
  heartbeat.fingerprint = int32_at(body, "heartbeatFingerprint");
  heartbeat.without_sub = bool_at(body, "withoutSub");
  for (const Json& producer : member(body, "producerDataSet")) {
    heartbeat.producer_groups.push_back(text_at(producer, "groupName"));
  }
  for (const Json& consumer : member(body, "consumerDataSet")) {
    heartbeat.consumers.push_back(consumer_from_json(consumer));
  }
  return heartbeat;
}

std::string to_json(const HeartbeatData& heartbeat) {
  Json producers = Json::array();
  for (const std::string& group : heartbeat.producer_groups) {
    producers.push_back({{"groupName", group}});
  }
  Json consumers = Json::array();
  for (const ConsumerData& consumer : heartbeat.consumers) {
    consumers.push_back(consumer_to_json(consumer));
  }
  return to_java_json({{"clientID", heartbeat.client_id},
                       {"producerDataSet", std::move(producers)},
                       {"consumerDataSet", std::move(consumers)},
                       {"heartbeatFingerprint", heartbeat.fingerprint},
                       {"withoutSub", heartbeat.without_sub}});
}

std::string heartbeat_without_groups(std::string_view client_id) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string text = R"({"clientID":")";
  for (const char c : client_id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      text.append("\\u00").append(1, kHexDigits[byte / 16]).append(1, kHexDigits[byte % 16]);
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text +=
      R"(","consumerDataSet":[],"heartbeatFingerprint":0,"producerDataSet":[],"withoutSub":false})";
  return text;
}

std::int32_t heartbeat_fingerprint(const HeartbeatData& heartbeat) {
  HeartbeatData canonical = heartbeat;
  canonical.client_id.clear();
  canonical.fingerprint = 0;
  canonical.without_sub = false;
  for (ConsumerData& consumer : canonical.consumers) {
    for (SubscriptionData& subscription : consumer.subscriptions) subscription.sub_version = 0;
  }
  const std::int32_t hash = base::java_string_hash(to_json(canonical));
  return hash == 0 ? 1 : hash;
}

HeartbeatResponse parse_heartbeat_response(const wire::CommandView& response) {
  return {.broker_version = response.version,
          .supports_v2 = response.field_bool("IS_SUPPORT_HEART_BEAT_V2"),
          .subscription_changed = response.field_bool("IS_SUB_CHANGE")};
}

}  // namespace rmq::protocol
