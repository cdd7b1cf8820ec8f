#include <gtest/gtest.h>

#include "base/cursor.h"
#include "wire/command.h"

namespace rmq::wire {
namespace {

std::string json_frame(std::string_view header, std::string_view body = {}) {
  std::string frame(8, '\0');
  auto* words = reinterpret_cast<std::uint8_t*>(frame.data());
  base::store_big_endian(words, static_cast<std::uint32_t>(4 + header.size() + body.size()));
  base::store_big_endian(words + 4, static_cast<std::uint32_t>(header.size()));
  return frame.append(header).append(body);
}

// The view and what it points into.
struct Read {
  explicit Read(std::string_view header)
      : frame(json_frame(header, "BODY")), result(reader.read(base::as_bytes(frame))) {}
  std::string frame;
  CommandReader reader;
  base::Result<CommandView> result;

  bool ok() const { return result.ok(); }
  const CommandView* operator->() const { return &result.value(); }
};

TEST(JsonHeader, takes_members_in_any_order_and_skips_unknown_ones) {
  Read read(R"( {"x":{"y":[1,{"z":"\"}"},null,true,-1.5e3]},"version":493,"language":"GO","flag":1,
    "extFields":{"k":"v"},"remark":"r","opaque":-3,"code":17,"y":[]} )");
  ASSERT_TRUE(read.ok()) << read.result.error().message;
  EXPECT_EQ(read->code, 17);
  EXPECT_EQ(read->opaque, -3);
  EXPECT_EQ(read->version, 493);
  EXPECT_EQ(read->language, Language::go);
  EXPECT_TRUE(read->is_response());
  EXPECT_EQ(read->remark, "r");
  EXPECT_EQ(read->field("k"), "v");
  EXPECT_EQ(base::as_text(read->body), "BODY");
}

TEST(JsonHeader, takes_null_as_absent_and_defaults_for_what_is_missing) {
  Read read(R"({"code":null,"language":null,"remark":null,"extFields":{"a":null,"b":""}})");
  ASSERT_TRUE(read.ok()) << read.result.error().message;
  EXPECT_EQ(read->code, 0);
  EXPECT_EQ(read->language, Language::java);
  EXPECT_FALSE(read->remark.has_value());
  EXPECT_FALSE(read->field("a").has_value());
  EXPECT_EQ(read->field("b"), "");
}

TEST(JsonHeader, takes_numbers_quoted_or_not) {
  Read read(R"({"code":"12","opaque":5,"extFields":{"queueId":3,"order":true}})");
  ASSERT_TRUE(read.ok()) << read.result.error().message;
  EXPECT_EQ(read->code, 12);
  EXPECT_EQ(read->field_int64("queueId"), 3);
  EXPECT_TRUE(read->field_bool("order"));
}

TEST(JsonHeader, unescapes_text_and_keeps_earlier_views_valid) {
  Read read(
      R"({"remark":"\u4e2d\ud83d\ude80\ud800x\n\"\\\/","extFields":{"a\tb":"1\u0001","c":"\u0002"}})");
  ASSERT_TRUE(read.ok()) << read.result.error().message;
  EXPECT_EQ(read->remark, "\u4e2d\U0001F680\uFFFDx\n\"\\/");
  EXPECT_EQ(read->field("a\tb"), "1\x01");
  EXPECT_EQ(read->field("c"), "\x02");
}

TEST(JsonHeader, takes_the_last_of_equal_names) {
  Read read(R"({"extFields":{"a":"1","a":"2"}})");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->field("a"), "2");
}

TEST(JsonHeader, says_what_is_wrong_and_where) {
  for (const char* header :
       {"", "{", "[]", "null", "{\"code\":\"x\"}", "{\"code\":99999999999}", "{\"code\":1.5}",
        "{\"extFields\":[1]}", "{\"extFields\":\"x\"}", "{\"remark\":\"\\q\"}",
        "{\"remark\":\"\\u12\"}", "{\"remark\":\"open", "{\"a\":1,}", "{\"a\" 1}", "{} x",
        "{\"x\":\"\\", "{\"code\":}", "{\"x\":tru}"}) {
    Read read(header);
    ASSERT_FALSE(read.ok()) << header;
    EXPECT_EQ(read.result.error().code, base::ErrorCode::BAD_HEADER) << header;
    EXPECT_NE(read.result.error().message.find("offset"), std::string::npos) << header;
  }
}

TEST(JsonHeader, bounds_nesting_wherever_it_occurs) {
  for (const char* start : {"{\"x\":", "{\"extFields\":{\"x\":", "{\"remark\":"}) {
    Read shallow(start + std::string(20, '[') + std::string(20, ']') +
                 (std::string_view(start).starts_with("{\"ext") ? "}}" : "}"));
    EXPECT_TRUE(shallow.ok()) << shallow.result.error().message;
    EXPECT_FALSE(Read(start + std::string(100000, '[')).ok());
  }
}

TEST(CommandReader, reuses_its_scratch_and_forgets_the_frame_before) {
  CommandReader reader;
  const std::string first = json_frame(R"({"remark":"\n","extFields":{"a":"1"}})");
  const std::string second = json_frame("{}");
  ASSERT_TRUE(reader.read(base::as_bytes(first)).ok());
  auto view = reader.read(base::as_bytes(second));
  ASSERT_TRUE(view.ok());
  EXPECT_TRUE(view.value().fields.empty());
  EXPECT_FALSE(view.value().remark.has_value());
}

TEST(CommandReader, wants_exactly_one_frame) {
  CommandReader reader;
  const std::string frame = json_frame("{}");
  EXPECT_FALSE(reader.read(base::as_bytes(frame.substr(0, frame.size() - 1))).ok());
  EXPECT_FALSE(reader.read(base::as_bytes(frame + "x")).ok());
  EXPECT_FALSE(reader.read({}).ok());
}

TEST(FrameSize, waits_for_the_length_word_and_then_knows) {
  const std::string frame = json_frame("{}", "body");
  for (std::size_t bytes = 0; bytes < 4; ++bytes) {
    EXPECT_EQ(frame_size(base::as_bytes(frame.substr(0, bytes))).value(), 0u);
  }
  for (std::size_t bytes = 4; bytes <= frame.size(); ++bytes) {
    EXPECT_EQ(frame_size(base::as_bytes(frame.substr(0, bytes))).value(), frame.size());
  }
}

TEST(FrameSize, refuses_a_strangers_bytes_at_once) {
  EXPECT_EQ(frame_size(base::as_bytes("GET / HTTP/1.1")).error().code, base::ErrorCode::BAD_FRAME);
  const std::string bad_type("\0\0\0\x08\x02\0\0\0", 8);
  EXPECT_EQ(frame_size(base::as_bytes(bad_type)).error().code, base::ErrorCode::BAD_FRAME);
}

}  // namespace
}  // namespace rmq::wire
