#include "protocol/json_document.h"

#include <gtest/gtest.h>

#include "protocol/topic_route.h"

namespace rmq::protocol {
namespace {

// What a value says, in an order and a form of its own: {name=value ...}, [value ...], <key:value
// ...>.
std::string show(JsonView value) {
  std::string text;
  switch (value.kind()) {
    case JsonKind::null:
      return "null";
    case JsonKind::string:
      return "'" + std::string(value.text()) + "'";
    case JsonKind::number:
      return "~" + std::string(value.text());
    case JsonKind::boolean:
    case JsonKind::integer:
      return text_of(value);
    case JsonKind::array:
      for (const JsonView item : value.elements()) text += (text.empty() ? "" : " ") + show(item);
      return "[" + text + "]";
    case JsonKind::object:
      for (const JsonView item : value.members()) {
        text += (text.empty() ? "" : " ") + std::string(item.name()) + "=" + show(item);
      }
      return "{" + text + "}";
    case JsonKind::pairs:
      for (const JsonView pair : value.pairs()) text += (text.empty() ? "" : " ") + show(pair);
      return "<" + text + ">";
  }
  return text;
}

std::string read(std::string_view text) {
  auto document = parse_json_object(text, "a test");
  return document.ok() ? show(document.value().root()) : "error: " + document.error().message;
}

TEST(JsonDocument, reads_number_keys_and_keys_that_are_values) {
  EXPECT_EQ(read(R"({0:"a",-1:{2:3}})"), "{0='a' -1={2=3}}");
  EXPECT_EQ(read(R"({"t":{{"q":1}:5 , {"q":2}:{7:8}}})"), "{t=<[{q=1} 5] [{q=2} {7=8}]>}");
  EXPECT_EQ(read(R"( { "a" : "{0:1}\"" , "b" : [ 1 , [ ] , { } ] } )"),
            "{a='{0:1}\"' b=[1 [] {}]}");
}

TEST(JsonDocument, takes_control_characters_and_mends_bad_bytes) {
  EXPECT_EQ(read("{\"a\":\"\t\x01\"}"), "{a='\t\x01'}");
  EXPECT_EQ(read("{\"a\":\"\xff\"}"), "{a='\uFFFD'}");
}

TEST(JsonDocument, reads_escapes) {
  EXPECT_EQ(read(R"({"\u0061\n":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"})"),
            "{a\n='\"\\/\b\f\n\r\t\u00e4\U0001F600'}");
  EXPECT_EQ(read(R"({"a":"\ud83d\u0041\ude00"})"), "{a='\uFFFDA\uFFFD'}");
}

TEST(JsonDocument, reads_numbers_and_names) {
  EXPECT_EQ(read(R"({"a":[-9223372036854775808,9223372036854775807,0,-0,true,false,null]})"),
            "{a=[-9223372036854775808 9223372036854775807 0 0 true false null]}");
  EXPECT_EQ(read(R"({"a":[9223372036854775808,1.50,-2e3,1E+9999]})"),
            "{a=[~9223372036854775808 ~1.50 ~-2e3 ~1E+9999]}");
}

TEST(JsonDocument, gives_the_last_member_of_a_name) {
  auto document = parse_json_object(R"({"a":1,"b":2,"a":3})", "a test");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(int64_at(document.value().root(), "a"), 3);
  EXPECT_EQ(int64_at(document.value().root(), "c", 7), 7);
  EXPECT_TRUE(document.value().root().member("b").member("x").is(JsonKind::null));
}

TEST(JsonDocument, refuses_broken_text_with_an_offset) {
  for (const char* text : {"",
                           "{",
                           "{1}",
                           "{a:1}",
                           "[1,",
                           "[]",
                           "7",
                           "{\"a\":1]",
                           "{\"a\":\"x",
                           "{} {}",
                           "{{\"a\":1}}",
                           "{\"a\":1,}",
                           "{\"a\":01}",
                           "{\"a\":1.}",
                           "{\"a\":.5}",
                           "{\"a\":1e}",
                           "{\"a\":-}",
                           "{\"a\":tru}",
                           "{\"a\":+1}",
                           "{\"a\":nan}",
                           "{\"a\":\"\\q\"}",
                           "{\"a\":\"\\u12\"}",
                           "{\"a\":\"\\"}) {
    auto result = parse_json_object(text, "a test");
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code, base::ErrorCode::BAD_BODY);
    EXPECT_NE(result.error().message.find("a test: "), std::string::npos);
    EXPECT_NE(result.error().message.find("offset"), std::string::npos);
  }
}

TEST(JsonDocument, does_not_end_at_a_zero_byte) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(parse_json_object("{}\0"sv, "a test").ok());
  EXPECT_FALSE(parse_json_object("{\"a\":1\0}"sv, "a test").ok());
  const auto document = parse_json_object("{\"a\":\"x\0y\"}"sv, "a test");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(text_at(document.value().root(), "a"), "x\0y"sv);
}

TEST(JsonDocument, bounds_depth_for_values_and_for_keys) {
  for (const char* start : {"[", "{\"a\":", "{"}) {
    std::string text = "{\"a\":";
    for (int i = 0; i < 100000; ++i) text += start;
    EXPECT_NE(read(text).find("too deep"), std::string::npos);
  }
}

TEST(JsonDocument, bounds_bytes_and_values) {
  std::string text = "{\"a\":[0";
  for (std::size_t i = 0; i < kJsonValuesMax; ++i) text += ",0";
  EXPECT_NE(read(text + "]}").find("too many values"), std::string::npos);
  EXPECT_NE(read("{\"a\":\"" + std::string(kJsonBytesMax, 'x') + "\"}").find("too large"),
            std::string::npos);
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

TEST(TopicRoute, is_empty_where_lists_are_no_lists) {
  auto route = parse_topic_route(R"({"queueDatas":5,"brokerDatas":{"a":{"brokerName":"b"}}})");
  ASSERT_TRUE(route.ok()) << route.error().message;
  EXPECT_EQ(route.value(), TopicRoute());
}

}  // namespace
}  // namespace rmq::protocol
