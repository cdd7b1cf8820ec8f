#include "wire/rewrite_head.h"

#include <gtest/gtest.h>

#include "wire/command.h"
#include "wire/frame_writer.h"

namespace rmq::wire {
namespace {

class RewriteHead : public ::testing::TestWithParam<Serialization> {
 protected:
  static Command command() {
    Command command;
    command.serialization = GetParam();
    command.code = 310;
    command.opaque = 77;
    command.flag = kFlagOneway;
    command.fields = {{"a", "group"}, {"e", "0"}, {"i", "KEYS\x01k\x02 \"quoted\""}, {"n", "old"}};
    command.body = "the body";
    return command;
  }
  static std::string frame_of(const Command& command) {
    std::string frame;
    append_frame(command, &frame);
    return frame;
  }
  // The frame that the rewritten head and the old body make.
  static base::Result<CommandView> read(CommandReader& reader, std::string* frame,
                                        std::span<const Field> changes) {
    auto head = rewrite_head(base::as_bytes(*frame), changes);
    if (!head.ok()) return head.take_error();
    *frame = head.value() + frame->substr(head_bytes(base::as_bytes(*frame)));
    return reader.read(base::as_bytes(*frame));
  }
};

TEST_P(RewriteHead, changes_adds_and_takes_away_fields_and_leaves_the_rest) {
  std::string frame = frame_of(command());
  const Field changes[] = {
      {"e", "12"}, {"n", "a-much-longer-broker-name"}, {"new", "x"}, {"a", ""}};
  CommandReader reader;
  const auto view = read(reader, &frame, changes);
  ASSERT_TRUE(view.ok()) << view.error().message;
  EXPECT_EQ(view.value().serialization, GetParam());
  EXPECT_EQ(view.value().code, 310);
  EXPECT_EQ(view.value().opaque, 77);
  EXPECT_TRUE(view.value().is_oneway());
  EXPECT_EQ(view.value().field("e"), "12");
  EXPECT_EQ(view.value().field("n"), "a-much-longer-broker-name");
  EXPECT_EQ(view.value().field("new"), "x");
  EXPECT_FALSE(view.value().field("a"));
  EXPECT_EQ(view.value().field("i"), command().fields[2].second);
  EXPECT_EQ(base::as_text(view.value().body), "the body");
}

TEST_P(RewriteHead, without_changes_it_gives_the_same_head) {
  std::string frame = frame_of(command());
  const auto head = rewrite_head(base::as_bytes(frame), {});
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head.value(), frame.substr(0, head_bytes(base::as_bytes(frame))));
}

TEST_P(RewriteHead, the_new_head_takes_another_opaque) {
  std::string frame = frame_of(command());
  auto head = rewrite_head(base::as_bytes(frame), {}).take_value();
  patch_opaque({reinterpret_cast<std::uint8_t*>(head.data()), head.size()}, -5);
  frame = head + "the body";
  CommandReader reader;
  EXPECT_EQ(reader.read(base::as_bytes(frame)).take_value().opaque, -5);
}

TEST_P(RewriteHead, a_body_that_lies_elsewhere_is_still_announced) {
  const std::string frame = frame_of(command());
  const std::size_t head_size = head_bytes(base::as_bytes(frame));
  const Field changes[] = {{"e", "3"}};
  const auto head = rewrite_head(base::as_bytes(frame).first(head_size), changes);
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(frame_size(base::as_bytes(head.value())).take_value(), head.value().size() + 8);
}

TEST_P(RewriteHead, what_is_cut_off_is_an_error) {
  const std::string frame = frame_of(command());
  const base::Bytes bytes = base::as_bytes(frame);
  for (std::size_t size = 0; size < head_bytes(bytes); ++size) {
    EXPECT_FALSE(rewrite_head(bytes.first(size), {}).ok()) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(encodings, RewriteHead,
                         ::testing::Values(Serialization::json, Serialization::rocketmq));

}  // namespace
}  // namespace rmq::wire
