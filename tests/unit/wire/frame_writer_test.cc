#include "wire/frame_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rmq::wire {
namespace {

std::vector<std::uint8_t> write(const FrameHead& head, std::string_view body = {}) {
  const auto fill = [](FrameWriter* writer) {
    writer->field("a", "group");
    writer->field("i", "KEYS\x01k\"\\\x02");
    writer->field("empty", "");
    writer->field("e", std::int64_t{-7});
    writer->field_bool("m", true);
  };
  FrameWriter counter({}, head);
  fill(&counter);
  std::vector<std::uint8_t> frame(counter.finish(body.size()));
  FrameWriter writer(frame, head);
  fill(&writer);
  EXPECT_EQ(writer.finish(body.size()), frame.size());
  EXPECT_TRUE(writer.fits());
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

class EachSerialization : public testing::TestWithParam<Serialization> {};
INSTANTIATE_TEST_SUITE_P(FrameWriter, EachSerialization,
                         testing::Values(Serialization::json, Serialization::rocketmq));

TEST_P(EachSerialization, writes_what_the_reader_reads) {
  const auto frame = write({.serialization = GetParam(),
                            .code = 310,
                            .opaque = -5,
                            .flag = kFlagOneway,
                            .remark = "re\"mark"},
                           "body");
  CommandReader reader;
  auto view = reader.read(frame);
  ASSERT_TRUE(view.ok()) << view.error().message;
  EXPECT_EQ(view.value().serialization, GetParam());
  EXPECT_EQ(view.value().code, 310);
  EXPECT_EQ(view.value().opaque, -5);
  EXPECT_EQ(view.value().language, Language::cpp);
  EXPECT_EQ(view.value().version, kVersion540);
  EXPECT_TRUE(view.value().is_oneway());
  EXPECT_EQ(view.value().remark, "re\"mark");
  EXPECT_EQ(view.value().field("a"), "group");
  EXPECT_EQ(view.value().field("i"), "KEYS\x01k\"\\\x02");
  EXPECT_EQ(view.value().field_int64("e"), -7);
  EXPECT_TRUE(view.value().field_bool("m"));
  EXPECT_FALSE(view.value().field("empty").has_value());
  EXPECT_EQ(base::as_text(view.value().body), "body");
}

TEST_P(EachSerialization, gives_a_written_frame_another_opaque) {
  for (const std::int32_t opaque : {0, 1, -1, 2147483647, -2147483647 - 1}) {
    auto frame = write({.serialization = GetParam(), .code = 10, .opaque = 123456}, "body");
    patch_opaque(frame, opaque);
    CommandReader reader;
    auto view = reader.read(frame);
    ASSERT_TRUE(view.ok()) << view.error().message;
    EXPECT_EQ(view.value().opaque, opaque);
    EXPECT_EQ(view.value().field("a"), "group");
    EXPECT_EQ(base::as_text(view.value().body), "body");
  }
}

TEST_P(EachSerialization, writes_nothing_past_the_memory_it_was_given) {
  const FrameHead head{.serialization = GetParam(), .code = 10};
  FrameWriter counter({}, head);
  counter.field("name", "value");
  const std::size_t wanted = counter.finish(0);
  for (std::size_t bytes = 0; bytes < wanted; ++bytes) {
    std::vector<std::uint8_t> memory(bytes);  // exactly: a sanitizer sees one byte too many
    FrameWriter writer(memory, head);
    writer.field("name", "value");
    EXPECT_EQ(writer.finish(0), wanted);
    EXPECT_FALSE(writer.fits());
  }
}

TEST(FrameWriter, takes_the_json_header_for_a_code_past_16_bits) {
  const auto frame = write({.serialization = Serialization::rocketmq, .code = 200050});
  CommandReader reader;
  auto view = reader.read(frame);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view.value().serialization, Serialization::json);
  EXPECT_EQ(view.value().code, 200050);
}

}  // namespace
}  // namespace rmq::wire
