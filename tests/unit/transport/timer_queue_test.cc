#include "transport/timer_queue.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <vector>

namespace rmq::transport {
namespace {

base::Instant at(int ms) { return base::Instant(base::milliseconds(ms)); }

struct Handler final : TimerHandler {
  void on_timer() override { action(); }
  std::function<void()> action;
};

TEST(TimerQueue, fires_in_the_order_of_due_times_what_was_armed_before) {
  TimerQueue queue;
  std::vector<int> fired;
  Handler handlers[3];
  std::unique_ptr<Timer> timers[3];
  for (int i = 0; i < 3; ++i) {
    handlers[i].action = [&fired, i] { fired.push_back(i); };
    timers[i] = queue.make_timer(handlers[i]);
  }
  handlers[2].action = [&] {
    fired.push_back(2);
    timers[2]->arm(at(0));
  };
  timers[0]->arm(at(30));
  timers[1]->arm(at(20));
  timers[2]->arm(at(10));
  EXPECT_EQ(queue.next_due(), at(10));
  EXPECT_EQ(queue.run(at(20)), 2u);
  EXPECT_EQ(fired, (std::vector<int>{2, 1}));
  EXPECT_EQ(queue.next_due(), at(0));
  timers[2]->disarm();
  EXPECT_EQ(queue.next_due(), at(30));
}

TEST(TimerQueue, keeps_the_rest_armed_when_one_throws) {
  TimerQueue queue;
  int fired = 0;
  Handler throwing;
  throwing.action = [] { throw std::bad_alloc(); };
  Handler counting;
  counting.action = [&fired] { ++fired; };
  const auto first = queue.make_timer(throwing);
  const auto second = queue.make_timer(counting);
  first->arm(at(1));
  second->arm(at(2));
  EXPECT_THROW(queue.run(at(5)), std::bad_alloc);
  EXPECT_EQ(queue.next_due(), at(2));
  EXPECT_EQ(queue.run(at(5)), 1u);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(queue.next_due(), base::kNever);
}

}  // namespace
}  // namespace rmq::transport
