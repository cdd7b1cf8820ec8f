#include "wire/head_counter.h"

#include <gtest/gtest.h>

#include <limits>

namespace rmq::wire {
namespace {

template <typename Sink>
void fill(Sink* sink, std::int64_t number) {
  sink->field("a", "group");
  sink->field("empty", "");
  sink->field("number", number);
  sink->field_bool("yes", true);
  sink->field_bool("no", false);
}

TEST(HeadCounterTest, counts_what_the_writer_writes) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{9}, std::int64_t{10}, std::int64_t{-1}, std::int64_t{-10},
        std::int64_t{999'999}, std::int64_t{1'000'000}, Limits::max(), Limits::min()}) {
    for (const auto remark :
         {std::optional<std::string_view>(), std::optional<std::string_view>("re\"mark")}) {
      FrameHead head;
      head.serialization = Serialization::rocketmq;
      head.remark = remark;
      HeadCounter counter(head);
      fill(&counter, number);
      FrameWriter writer({}, head);
      fill(&writer, number);
      EXPECT_EQ(counter.bytes(), writer.finish(5)) << number;
    }
  }
}

TEST(HeadCounterTest, is_for_heads_that_are_written_in_the_binary_form) {
  FrameHead head;
  EXPECT_FALSE(FrameWriter::is_binary(head));
  head.serialization = Serialization::rocketmq;
  EXPECT_TRUE(FrameWriter::is_binary(head));
  head.code = 200050;
  EXPECT_FALSE(FrameWriter::is_binary(head));
}

}  // namespace
}  // namespace rmq::wire
