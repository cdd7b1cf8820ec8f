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
void read_name(JsonView value, const char* name, const std::string_view (&names)[kCount],
               Enum* result) {
  const auto* found = std::find(std::begin(names), std::end(names), text_at(value, name));
  if (found != std::end(names)) *result = static_cast<Enum>(found - std::begin(names));
}

ConsumerData read_consumer(JsonView value) {
  ConsumerData consumer;
  consumer.group = text_at(value, "groupName");
  read_name(value, "consumeType", kConsumeTypes, &consumer.consume_type);
  read_name(value, "messageModel", kMessageModels, &consumer.message_model);
  read_name(value, "consumeFromWhere", kWheres, &consumer.consume_from_where);
  consumer.unit_mode = bool_at(value, "unitMode");
  for (const JsonView subscription : value.member("subscriptionDataSet").elements()) {
    consumer.subscriptions.push_back(read_subscription(subscription));
  }
  return consumer;
}

void write_consumer(const ConsumerData& consumer, JsonWriter* out) {
  out->begin_object();
  out->text("consumeFromWhere", to_text(consumer.consume_from_where));
  out->text("consumeType", to_text(consumer.consume_type));
  out->text("groupName", consumer.group);
  out->text("messageModel", to_text(consumer.message_model));
  out->begin_array("subscriptionDataSet");
  for (const SubscriptionData& subscription : consumer.subscriptions) {
    write_subscription(subscription, out);
  }
  out->end_array();
  out->boolean("unitMode", consumer.unit_mode);
  out->end_object();
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
  base::Result<JsonDocument> parsed = parse_json_object(text, "reading a heartbeat");
  if (!parsed.ok()) return parsed.take_error();
  const JsonView body = parsed.value().root();
  HeartbeatData heartbeat;
  heartbeat.client_id = text_at(body, "clientID");
  heartbeat.fingerprint = int32_at(body, "heartbeatFingerprint");
  heartbeat.without_sub = bool_at(body, "withoutSub");
  for (const JsonView producer : body.member("producerDataSet").elements()) {
    heartbeat.producer_groups.push_back(text_at(producer, "groupName"));
  }
  for (const JsonView consumer : body.member("consumerDataSet").elements()) {
    heartbeat.consumers.push_back(read_consumer(consumer));
  }
  return heartbeat;
}

std::string to_json(const HeartbeatData& heartbeat) {
  JsonWriter out;
  out.begin_object();
  out.text("clientID", heartbeat.client_id);
  out.begin_array("consumerDataSet");
  for (const ConsumerData& consumer : heartbeat.consumers) write_consumer(consumer, &out);
  out.end_array();
  out.number("heartbeatFingerprint", heartbeat.fingerprint);
  out.begin_array("producerDataSet");
  for (const std::string& group : heartbeat.producer_groups) {
    out.begin_object();
    out.text("groupName", group);
    out.end_object();
  }
  out.end_array();
  out.boolean("withoutSub", heartbeat.without_sub);
  out.end_object();
  return out.take();
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
