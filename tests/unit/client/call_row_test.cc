#include "client/call_row.h"

#include <gtest/gtest.h>

namespace rmq::client {
namespace {

class CallRowTest : public testing::Test {
 protected:
  // One call after a gap, that takes a millisecond.
  bool call(base::Duration gap = {}) {
    now += gap;
    const bool is_alone = row.enter(now);
    now += base::milliseconds(1);
    row.leave(now);
    return is_alone;
  }
  void follow() {
    for (std::uint32_t i = 0; i <= CallRow::kFollowersMin; ++i) EXPECT_TRUE(call());
    ASSERT_TRUE(row.is_one_by_one());
  }

  CallRow row;
  base::Instant now{std::chrono::hours(1)};
};

TEST_F(CallRowTest, says_one_by_one_once_enough_calls_have_followed_the_first) {
  for (std::uint32_t i = 0; i < CallRow::kFollowersMin; ++i) {
    EXPECT_TRUE(call());
    EXPECT_FALSE(row.is_one_by_one());
  }
  call(CallRow::kGapMax);
  EXPECT_TRUE(row.is_one_by_one());
  EXPECT_EQ(row.entered(), CallRow::kFollowersMin + 1);
}

TEST_F(CallRowTest, begins_again_after_a_pause) {
  follow();
  call(CallRow::kGapMax + base::Duration(1));
  EXPECT_FALSE(row.is_one_by_one());
  follow();
}

TEST_F(CallRowTest, begins_again_after_two_calls_beside_each_other) {
  follow();
  EXPECT_TRUE(row.enter(now));
  EXPECT_FALSE(row.enter(now));
  EXPECT_FALSE(row.is_one_by_one());
  row.leave(now);
  EXPECT_FALSE(row.enter(now)) << "one of the two is still under way";
  row.leave(now);
  row.leave(now);
  follow();
}

TEST_F(CallRowTest, begins_again_when_told_to_forget) {
  follow();
  row.forget();
  EXPECT_FALSE(row.is_one_by_one());
}

}  // namespace
}  // namespace rmq::client
