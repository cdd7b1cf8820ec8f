// Bodies as Java's JSON writer gives them, read through the tolerant reader; those that have a type
// of their own also go through it and back.
#include "protocol/ack_bits.h"
#include "protocol/cluster_info.h"
#include "protocol/consumer_list.h"
#include "protocol/heartbeat.h"
#include "protocol/json_document.h"
#include "protocol/lock_batch.h"
#include "protocol/topic_route.h"
#include "tests/golden/golden_file.h"
#include "tests/support/json_tree.h"

namespace rmq::golden {
namespace {

const std::string kMap(test::kPairsName);

bool is_key_text(const Json& key) { return key.is_string() || key.is_number_integer(); }

// {"$map":[[0,"a"]]} and {"0":"a"} are the same value; entries of a map have no order.
Json normalize(const Json& value) {
  Json out = value;
  if (value.is_object() && value.size() == 1 && value.contains(kMap)) {
    Json entries = Json::array();
    Json plain = Json::object();
    for (const Json& entry : value[kMap]) {
      const Json item = normalize(entry[1]);
      entries.push_back({normalize(entry[0]), item});
      if (!is_key_text(entry[0])) continue;
      plain[entry[0].is_string() ? entry[0].get<std::string>() : entry[0].dump()] = item;
    }
    if (plain.size() == entries.size()) return plain;
    std::sort(entries.begin(), entries.end());
    return {{kMap, entries}};
  }
  if (value.is_structured()) {
    for (Json& item : out) item = normalize(item);
  }
  return out;
}

Json read(std::string_view text) {
  auto parsed = protocol::parse_json_object(text, "golden");
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return parsed.ok() ? normalize(test::to_tree(parsed.value().root())) : Json();
}

// Parsed, written and parsed again, the value is the same, and the text says what Java's says.
template <typename Parse, typename Write>
void check_typed(const Json& vector, Parse parse, Write write) {
  auto first = parse(vector["text"].get<std::string>());
  ASSERT_TRUE(first.ok()) << first.error().message;
  const std::string text = write(first.value());
  auto second = parse(text);
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_TRUE(first.value() == second.value());
  EXPECT_EQ(read(text), normalize(vector["normal"]));
}

void check_ack_bits(const Json& vector) {
  const Json& acks = vector["normal"]["acks"];
  ASSERT_EQ(acks.size(), vector["bit_positions"].size());
  for (std::size_t i = 0; i < acks.size(); ++i) {
    const auto positions = vector["bit_positions"][i].get<std::vector<std::uint32_t>>();
    const std::string text = acks[i]["b"];
    EXPECT_EQ(protocol::parse_ack_bits(text), positions);
    EXPECT_EQ(protocol::ack_bits_to_text(positions), text);
  }
}

void check_type(const Json& vector) {
  using namespace protocol;
  const std::string type = vector["type"];
  if (type == "TopicRouteData") {
    check_typed(vector, parse_topic_route, [](const TopicRoute& value) { return to_json(value); });
    check_typed(vector, parse_topic_route,
                [](const TopicRoute& value) { return to_json(value, false); });
  } else if (type == "ClusterInfo") {
    check_typed(vector, parse_cluster_info,
                [](const ClusterInfo& value) { return to_json(value); });
  } else if (type == "HeartbeatData") {
    check_typed(vector, parse_heartbeat, [](const HeartbeatData& value) { return to_json(value); });
  } else if (type == "GetConsumerListByGroupResponseBody") {
    check_typed(vector, parse_consumer_list, consumer_list_to_json);
  } else if (type == "LockBatchRequestBody" || type == "UnlockBatchRequestBody") {
    check_typed(vector, parse_lock_batch,
                [](const LockBatchBody& value) { return to_json(value); });
  } else if (type == "LockBatchResponseBody") {
    check_typed(vector, parse_locked_queues, locked_queues_to_json);
  }
}

void check_json_bodies(const Json& vector) {
  EXPECT_EQ(read(vector["text"].get<std::string>()), normalize(vector["normal"]));
  check_type(vector);
  if (vector.contains("bit_positions")) check_ack_bits(vector);
}

TEST(Golden, json_bodies) { for_each_case("json_bodies.json", check_json_bodies); }

}  // namespace
}  // namespace rmq::golden
