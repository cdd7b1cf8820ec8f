// No case sleeps. A seat that is not given back would hang its case.
#include "client/loop_seat.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace rmq::client {
namespace {

class LoopSeatTest : public testing::Test {
 protected:
  CallRow calls;
  LoopSeat seat;
};

TEST_F(LoopSeatTest, belongs_to_the_thread_until_that_gives_it_up) {
  EXPECT_FALSE(seat.try_take());
  seat.give_up();
  EXPECT_TRUE(seat.try_take());
}

TEST_F(LoopSeatTest, has_room_for_one_caller) {
  seat.give_up();
  ASSERT_TRUE(seat.try_take());
  EXPECT_FALSE(seat.try_take());
  seat.leave(false);
  EXPECT_TRUE(seat.try_take());
}

TEST_F(LoopSeatTest, goes_to_the_thread_when_a_caller_leaves_work_behind) {
  seat.give_up();
  ASSERT_TRUE(seat.try_take());
  seat.leave(true);
  EXPECT_FALSE(seat.try_take());
  seat.wait_for_turn(calls);
}

TEST_F(LoopSeatTest, goes_to_the_thread_when_the_loop_is_woken_and_nobody_has_it) {
  seat.give_up();
  seat.recall();
  EXPECT_FALSE(seat.try_take());
  seat.wait_for_turn(calls);
}

TEST_F(LoopSeatTest, stays_with_a_caller_when_the_loop_is_woken) {
  seat.give_up();
  ASSERT_TRUE(seat.try_take());
  seat.recall();
  seat.leave(false);
  EXPECT_TRUE(seat.try_take());
}

TEST_F(LoopSeatTest, comes_back_to_the_thread_when_no_call_begins) {
  seat.give_up();
  seat.wait_for_turn(calls);
  EXPECT_FALSE(seat.try_take());
}

TEST_F(LoopSeatTest, wakes_the_thread_that_sleeps) {
  for (int round = 0; round < 200; ++round) {
    seat.give_up();
    std::thread thread([this] { seat.wait_for_turn(calls); });
    // Either way the thread gets it: it was recalled, or it came back before a caller took it.
    if (seat.try_take()) seat.leave(true);
    seat.recall();
    thread.join();
  }
}

TEST_F(LoopSeatTest, is_claimed_by_the_thread_during_a_long_call) {
  seat.give_up();
  ASSERT_TRUE(seat.try_take());
  std::atomic<bool> is_back = false;
  std::thread thread([&] {
    seat.wait_for_turn(calls);
    is_back = true;
  });
  // Once the thread has looked twice, a caller that leaves with nothing left gives the seat over.
  // Before, the caller leaves it free and takes it again at once. A seat of its own is its clock.
  LoopSeat clock;
  do {
    clock.give_up();
    clock.wait_for_turn(calls);
    seat.leave(false);
  } while (seat.try_take());
  thread.join();
  EXPECT_TRUE(is_back);
  EXPECT_FALSE(seat.try_take());
}

TEST_F(LoopSeatTest, has_one_holder_at_a_time_whoever_takes_wakes_and_leaves) {
  constexpr int kCalls = 20'000;
  int turns = 0;  // guarded by the seat alone: the thread sanitizer looks
  std::atomic<bool> is_over = false;
  std::thread thread([&] {
    do {
      ++turns;
      seat.give_up();
      seat.wait_for_turn(calls);
    } while (!is_over);
  });
  std::thread waker([&] {
    while (!is_over) {
      seat.recall();
      std::this_thread::yield();
    }
  });
  std::thread caller([&] {
    for (int i = 0; i < kCalls; ++i) {
      calls.enter(base::Instant());
      if (seat.try_take()) {
        ++turns;
        seat.leave(i % 3 == 0);
      }
      calls.leave(base::Instant());
    }
  });
  caller.join();
  is_over = true;
  waker.join();
  seat.recall();
  thread.join();
  EXPECT_GT(turns, 0);
}

}  // namespace
}  // namespace rmq::client
