#include "remoting/swallowed_answers.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "wire/command.h"

namespace rmq::remoting {
namespace {

constexpr std::int32_t kOpaque = 0x00050003;

std::string make_frame(wire::Serialization serialization, std::int32_t flag,
                       std::int32_t opaque = kOpaque, std::string body = "body") {
  wire::Command command;
  command.serialization = serialization;
  command.opaque = opaque;
  command.flag = flag;
  command.remark = "fine";
  command.fields = {{"msgId", "0123"}};
  command.body = std::move(body);
  std::string frame;
  wire::append_frame(command, &frame);
  return frame;
}

bool is_ours(std::int32_t opaque) { return opaque == kOpaque; }

class SwallowedAnswersTest : public ::testing::TestWithParam<wire::Serialization> {};

INSTANTIATE_TEST_SUITE_P(forms, SwallowedAnswersTest,
                         ::testing::Values(wire::Serialization::json,
                                           wire::Serialization::rocketmq));

TEST_P(SwallowedAnswersTest, are_found_wherever_they_are_and_however_the_bytes_come) {
  const std::string answer = make_frame(GetParam(), wire::kFlagResponse);
  for (std::size_t lead = 4; lead < 40; ++lead) {
    for (std::size_t step = 1; step < answer.size(); step += 7) {
      const std::string bytes = std::string(lead, '\0') + answer + std::string(20, '\0');
      SwallowedAnswers search;
      bool is_found = false;
      for (std::size_t size = 0; size < bytes.size() && !is_found; size += step)
        is_found = search.find(base::as_bytes(bytes).first(size), is_ours);
      EXPECT_TRUE(is_found || search.find(base::as_bytes(bytes), is_ours)) << lead << ' ' << step;
      search.begin();
      EXPECT_TRUE(search.find(base::as_bytes(bytes), is_ours)) << "in the next frame";
    }
  }
}

TEST_P(SwallowedAnswersTest, are_neither_requests_nor_the_frame_itself_nor_answers_to_others) {
  const std::string lead(100, 'x');
  for (const std::string& bytes :
       {lead + make_frame(GetParam(), 0), make_frame(GetParam(), wire::kFlagResponse),
        lead + make_frame(GetParam(), wire::kFlagResponse, kOpaque + 1),
        lead + make_frame(GetParam(), wire::kFlagResponse).substr(0, 20)}) {
    SwallowedAnswers search;
    EXPECT_FALSE(search.find(base::as_bytes(bytes), is_ours));
  }
}

TEST_P(SwallowedAnswersTest, have_lengths_that_agree_to_the_byte) {
  const std::string lead(100, 'x');
  std::string answer = make_frame(GetParam(), wire::kFlagResponse, kOpaque, "");
  SwallowedAnswers whole;
  EXPECT_TRUE(whole.find(base::as_bytes(lead + answer), is_ours)) << "without a body";
  --answer[3];  // of the length word
  SwallowedAnswers shorter;
  EXPECT_FALSE(shorter.find(base::as_bytes(lead + answer), is_ours)) << "than its header";
}

// A body may be full of answers that nobody waits for, so that looking costs the loop its time.
TEST(SwallowedAnswers, are_looked_for_in_a_bounded_part_of_a_frame) {
  const std::string answer = make_frame(wire::Serialization::json, wire::kFlagResponse);
  std::string bytes(100, 'x');
  while (bytes.size() < 4U << 20U) bytes += answer;
  SwallowedAnswers search;
  std::size_t asked = 0;
  const auto ask = [&](std::int32_t) {
    ++asked;
    return false;
  };
  EXPECT_FALSE(search.find(base::as_bytes(bytes), ask));
  const std::size_t asked_at_first = asked;
  EXPECT_FALSE(search.find(base::as_bytes(bytes), ask));
  EXPECT_EQ(asked, asked_at_first) << "once is enough";
  EXPECT_LT(asked * answer.size(), 2U << 20U);
  EXPECT_GT(asked, 1000U);
}

TEST(SwallowedAnswers, are_not_seen_in_what_is_none) {
  std::mt19937 random(1);
  for (const unsigned letters : {2U, 3U, 256U}) {
    std::string bytes(300'000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % letters);
    SwallowedAnswers search;
    EXPECT_FALSE(search.find(base::as_bytes(bytes), is_ours)) << letters;
  }
  SwallowedAnswers search;
  EXPECT_FALSE(search.find({}, is_ours));
}

}  // namespace
}  // namespace rmq::remoting
