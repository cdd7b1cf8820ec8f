// Small rules, one function per kind of case.
#include <set>

#include "base/crc32.h"
#include "base/java_string_hash.h"
#include "protocol/fault_duration.h"
#include "protocol/heartbeat.h"
#include "protocol/names.h"
#include "protocol/namespace_v1.h"
#include "protocol/pop_handle.h"
#include "protocol/properties.h"
#include "protocol/recall_handle.h"
#include "protocol/route_queues.h"
#include "protocol/subscription.h"
#include "protocol/vip_address.h"
#include "tests/golden/golden_file.h"

namespace rmq::golden {
namespace {

using namespace protocol;

void string_hash(const Json& vector) {
  EXPECT_EQ(base::java_string_hash(vector["input"].get<std::string>()),
            vector["result"].get<std::int32_t>());
}

void body_crc(const Json& vector) {
  const std::string input = bytes_from_hex(vector["input_hex"]);
  EXPECT_EQ(base::crc32(base::as_bytes(input)) & 0x7FFFFFFF, vector["result"].get<std::int64_t>());
}

void properties_parse(const Json& vector) {
  const std::string text = vector["text"];
  TextMap parsed;
  const Properties properties(text);
  for (const auto& [name, value] : properties) parsed[std::string(name)] = value;
  EXPECT_EQ(parsed, text_map(vector["parsed"]));
  for (const auto& [name, value] : parsed) EXPECT_EQ(properties.find(name), value);
}

void properties(const Json& vector) {
  std::string text;
  for (const Json& pair : vector["input_in_order"]) {
    append_property(pair[0].get<std::string>(), pair[1].get<std::string>(), &text);
  }
  EXPECT_EQ(text, vector["text"].get<std::string>());
  properties_parse(vector);
}

void name_space(const Json& vector) {
  const std::string space = text_or_empty(vector["namespace"]);
  const std::string resource = text_or_empty(vector["resource"]);
  EXPECT_EQ(wrap_namespace(space, resource), text_or_empty(vector["wrapped"]));
  EXPECT_EQ(strip_namespace(space, resource), text_or_empty(vector["without"]));
  EXPECT_EQ(strip_any_namespace(resource), text_or_empty(vector["without_any"]));
  EXPECT_EQ(namespace_of(resource), text_or_empty(vector["namespace_of"]));
}

void pop_extra_info(const Json& vector) {
  PopHandle handle{.ck_queue_offset = vector["ck_offset"],
                   .pop_time_ms = vector["pop_time"],
                   .invisible_time_ms = vector["invisible"],
                   .revive_queue_id = vector["revive_qid"],
                   .retry = pop_retry_of(vector["topic"].get<std::string>()),
                   .broker_name = vector["broker"],
                   .queue_id = vector["queue_id"],
                   .queue_offset = std::nullopt};
  EXPECT_EQ(to_text(handle), vector["seven_part"].get<std::string>());
  EXPECT_EQ(parse_pop_handle(vector["seven_part"].get<std::string>()), handle);
  handle.queue_offset = vector["msg_offset"].get<std::int64_t>();
  EXPECT_EQ(to_text(handle), vector["eight_part"].get<std::string>());
  EXPECT_EQ(parse_pop_handle(vector["eight_part"].get<std::string>()), handle);
  EXPECT_EQ(std::string(1, static_cast<char>(handle.retry)),
            vector["retry_mark"].get<std::string>());
  EXPECT_EQ(pop_real_topic(handle.retry, vector["group"].get<std::string>(),
                           vector["base_topic"].get<std::string>()),
            vector["real_topic"].get<std::string>());
}

std::string key_of(const PopOffsets& entry) {
  return static_cast<char>(entry.retry) + ("@" + std::to_string(entry.queue_id));
}

void pop_offset_info(const Json& vector) {
  const std::string text = vector["text"];
  const auto start = parse_pop_start_offsets(text);
  EXPECT_EQ(start.has_value(), !vector["start"].is_null());
  if (start && !vector["start"].is_null()) {
    Json actual = Json::object();
    for (const PopOffsets& entry : *start) actual[key_of(entry)] = entry.offsets.front();
    EXPECT_EQ(actual, vector["start"]);
  }
  const auto all = parse_pop_offsets(text);
  EXPECT_EQ(all.has_value(), !vector["msg"].is_null());
  if (all && !vector["msg"].is_null()) {
    Json actual = Json::object();
    for (const PopOffsets& entry : *all) actual[key_of(entry)] = entry.offsets;
    EXPECT_EQ(actual, vector["msg"]);
  }
}

void recall_handle(const Json& vector) {
  const Json& timestamp = vector["timestamp"];
  const RecallHandle handle{
      .topic = vector["topic"],
      .broker_name = vector["broker"],
      .timestamp_ms = timestamp.is_string() ? timestamp.get<std::string>() : timestamp.dump(),
      .message_id = vector["msg_id"]};
  EXPECT_EQ(to_text(handle), vector["handle"].get<std::string>());
  EXPECT_EQ(parse_recall_handle(vector["handle"].get<std::string>()), handle);
}

void subscription(const Json& vector) {
  auto parsed = parse_tag_expression("t", text_or_empty(vector["expression"]));
  const Json& expected = vector["result"];
  ASSERT_EQ(parsed.ok(), !expected.contains("error"));
  if (!parsed.ok()) return;
  const SubscriptionData& data = parsed.value();
  EXPECT_EQ(data.sub_string, expected["sub_string"].get<std::string>());
  EXPECT_EQ(data.expression_type, expected["type"].get<std::string>());
  EXPECT_EQ(std::multiset<std::string>(data.tags.begin(), data.tags.end()),
            expected["tags"].get<std::multiset<std::string>>());
  EXPECT_EQ(std::multiset<std::int32_t>(data.codes.begin(), data.codes.end()),
            expected["codes"].get<std::multiset<std::int32_t>>());
}

void name_check(const Json& vector) {
  const std::string input = text_or_empty(vector["input"]);
  EXPECT_EQ(check_topic(input).ok(), vector["topic_ok"].get<bool>());
  EXPECT_EQ(check_group(input).ok(), vector["group_ok"].get<bool>());
  EXPECT_EQ(may_send_to(input), vector["send_allowed"].get<bool>());
  EXPECT_EQ(is_system_topic(input), vector["is_system_topic"].get<bool>());
}

void fault_duration(const Json& vector) {
  EXPECT_EQ(fault_duration_ms(vector["latency_ms"].get<std::int64_t>()),
            vector["not_available_ms"].get<std::int64_t>());
}

Json queues_to_json(const std::vector<MessageQueue>& queues) {
  Json list = Json::array();
  for (const MessageQueue& queue : queues) list.push_back({queue.broker_name, queue.queue_id});
  return list;
}

void route_to_queues(const Json& vector) {
  auto route = parse_topic_route(vector["route_text"].get<std::string>());
  ASSERT_TRUE(route.ok()) << route.error().message;
  EXPECT_EQ(is_static_topic(route.value()), vector["static_topic"].get<bool>());
  EXPECT_EQ(is_order_topic(route.value()), vector["order_topic"].get<bool>());
  EXPECT_EQ(queues_to_json(publish_queues(route.value(), "t")), vector["publish_queues"]);
  std::vector<MessageQueue> subscribed = subscribe_queues(route.value(), "t");
  std::sort(subscribed.begin(), subscribed.end());
  EXPECT_EQ(queues_to_json(subscribed), vector["subscribe_queues_sorted"]);
}

// The inputs of all but the cluster are fixed by what the names are made of.
void names(const Json& vector) {
  EXPECT_EQ(reply_topic(vector["cluster"].get<std::string>()),
            vector["reply_topic"].get<std::string>());
  EXPECT_EQ(retry_topic("g1"), vector["retry_topic"].get<std::string>());
  EXPECT_EQ(dlq_topic("g1"), vector["dlq_topic"].get<std::string>());
  EXPECT_EQ(pop_retry_topic_v1("g1", "T"), vector["pop_retry_v1"].get<std::string>());
  EXPECT_EQ(pop_retry_topic_v2("g1", "T"), vector["pop_retry_v2"].get<std::string>());
  EXPECT_EQ(vip_address("10.0.0.1:10911"), vector["vip"].get<std::string>());
}

// Informative: ours need not be Java's number, but it must be one and not hang on the client id.
void fingerprint(const Json& vector) {
  auto parsed = parse_heartbeat(vector["heartbeat"].dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  HeartbeatData heartbeat = parsed.take_value();
  const std::int32_t fingerprint = heartbeat_fingerprint(heartbeat);
  EXPECT_NE(fingerprint, 0);
  heartbeat.client_id += "x";
  EXPECT_EQ(heartbeat_fingerprint(heartbeat), fingerprint);
  heartbeat.consumers.emplace_back().group = "another";
  EXPECT_NE(heartbeat_fingerprint(heartbeat), fingerprint);
}

void check_misc(const Json& vector) {
  static const std::map<std::string, void (*)(const Json&)> kChecks = {
      {"string_hash", string_hash},
      {"body_crc", body_crc},
      {"properties", properties},
      {"properties_parse", properties_parse},
      {"namespace", name_space},
      {"pop_extra_info", pop_extra_info},
      {"pop_offset_info", pop_offset_info},
      {"recall_handle", recall_handle},
      {"subscription", subscription},
      {"name_check", name_check},
      {"fault_duration", fault_duration},
      {"route_to_queues", route_to_queues},
      {"names", names},
      {"heartbeat_fingerprint", fingerprint},
  };
  const auto found = kChecks.find(vector["kind"].get<std::string>());
  ASSERT_NE(found, kChecks.end()) << "unknown kind " << vector["kind"];
  found->second(vector);
}

TEST(Golden, misc) { for_each_case("misc.json", check_misc); }

}  // namespace
}  // namespace rmq::golden
