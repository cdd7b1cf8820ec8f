#include "client/rarely.h"

#include <gtest/gtest.h>

namespace rmq::client {
namespace {

using std::chrono::seconds;

TEST(Rarely, counts_what_happens_between_two_times_that_it_is_told) {
  Rarely rarely;
  EXPECT_EQ(rarely.times(), 0);
  rarely.count();
  EXPECT_EQ(rarely.times(), 1);
  rarely.note_told(base::Instant(seconds(1)));
  EXPECT_EQ(rarely.times(), 0);
  for (int i = 0; i < 3; ++i) rarely.count();
  EXPECT_EQ(rarely.times(), 3);
}

TEST(Rarely, is_due_at_once_and_then_after_pauses_that_double_up_to_ten_minutes) {
  Rarely rarely;
  base::Instant now{};
  EXPECT_LE(rarely.next(), now);
  base::Duration pause = Rarely::kPauseMin;
  for (int i = 0; i < 12; ++i) {
    rarely.note_told(now);
    EXPECT_EQ(rarely.next() - now, pause);
    now = rarely.next();
    pause = std::min(pause * 2, Rarely::kPauseMax);
  }
  EXPECT_EQ(pause, std::chrono::minutes(10));
}

}  // namespace
}  // namespace rmq::client
