#include "protocol/json_text.h"

#include <gtest/gtest.h>

#include "protocol/topic_route.h"

namespace rmq::protocol {
namespace {

std::string standard(std::string_view text) {
  auto result = to_standard_json(text);
  return result.ok() ? result.take_value() : "error: " + result.error().message;
}

TEST(JsonText, quotes_number_keys_and_turns_object_keys_into_pairs) {
  EXPECT_EQ(standard(R"({0:"a",-1:{2:3}})"), R"({"0":"a","-1":{"2":3}})");
  EXPECT_EQ(standard(R"({"t":{{"q":1}:5 , {"q":2}:{7:8}}})"),
            R"({"t":{"$map":[[{"q":1},5],[{"q":2},{"7":8}]]}})");
  EXPECT_EQ(standard(R"({"a":"{0:1}\"","b":[1,[],{}]})"), R"({"a":"{0:1}\"","b":[1,[],{}]})");
}

TEST(JsonText, escapes_control_characters_and_mends_bad_bytes) {
  EXPECT_EQ(standard("{\"a\":\"\t\x01\"}"), "{\"a\":\"\\u0009\\u0001\"}");
  EXPECT_EQ(standard("{\"a\":\"\xff\"}"), "{\"a\":\"\uFFFD\"}");
}

TEST(JsonText, refuses_broken_structure_with_an_offset) {
  for (const char* text : {"", "{", "{1}", "{a:1}", "[1,", "{\"a\":1]", "{\"a\":\"x", "{} {}",
                           "{{\"a\":1}}", "{\"a\":1,}"}) {
    auto result = to_standard_json(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code, base::ErrorCode::BAD_BODY);
    EXPECT_NE(result.error().message.find("offset"), std::string::npos);
  }
}

TEST(JsonText, bounds_depth_for_values_and_for_keys) {
  for (const char* start : {"[", "{\"a\":", "{"}) {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += start;
    EXPECT_FALSE(to_standard_json(text).ok());
  }
}

TEST(TopicRoute, passes_over_members_it_does_not_know_and_wrong_types) {
  auto route = parse_topic_route(
      R"({"queueDatas":[{"brokerName":"b","perm":"6","readQueueNums":4,"topicSynFlag":1,"new":{}}],
          "brokerDatas":[{"brokerName":"b","brokerAddrs":{0:"h:1","x":"y"},"zoneName":null}],
          "orderTopicConf":null,"filterServerTable":5})");
  ASSERT_TRUE(route.ok()) << route.error().message;
  EXPECT_EQ(route.value().queues.at(0).perm, 6);
  EXPECT_EQ(route.value().queues.at(0).topic_sys_flag, 1);
  EXPECT_EQ(route.value().brokers.at(0).addresses.size(), 1u);
  EXPECT_FALSE(route.value().order_topic_conf.has_value());
}

}  // namespace
}  // namespace rmq::protocol
