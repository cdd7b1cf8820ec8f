#include "event/waiter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/unit/event/plain_event.h"

namespace rmq::event {
namespace {

class WaiterTest : public testing::Test {
 protected:
  ~WaiterTest() override { event_.destroy(); }

  Waiter* waiter = Waiter::make().release();
  WokenCallers woken;
  PlainEvent& event_ = *new PlainEvent;
};

TEST_F(WaiterTest, gives_an_event_that_came_before_the_wait) {
  EXPECT_FALSE(waiter->is_finished());
  EXPECT_TRUE(waiter->finish(event_, woken));
  EXPECT_TRUE(waiter->is_finished());
  EXPECT_EQ(waiter->wait_until(base::Instant()), &event_) << "whatever the time is";
}

TEST_F(WaiterTest, gives_the_event_to_a_caller_that_sleeps) {
  std::thread loop([this] {
    EXPECT_TRUE(waiter->finish(event_, woken));
    woken.wake();
  });
  EXPECT_EQ(waiter->wait_until(base::kNever), &event_);
  loop.join();
}

TEST_F(WaiterTest, leaves_the_event_to_the_loop_when_its_caller_has_gone) {
  EXPECT_EQ(waiter->wait(base::Duration()), nullptr);
  EXPECT_FALSE(waiter->finish(event_, woken));
}

TEST(WaiterRace, gives_each_event_to_one_of_the_two) {
  for (int round = 0; round < 300; ++round) {
    auto* event = new PlainEvent;
    Waiter* waiter = Waiter::make().release();
    WokenCallers woken;
    woken.set_at_once();
    bool is_taken = false;
    std::thread loop([&] { is_taken = waiter->finish(*event, woken); });
    Event* given = waiter->wait(base::Duration(round * 500));
    loop.join();
    EXPECT_EQ(given != nullptr, is_taken);
    event->destroy();
  }
}

TEST(WokenCallers, wakes_more_callers_than_it_keeps) {
  constexpr int kCallers = 100;
  std::vector<std::thread> callers;
  std::vector<std::pair<Waiter*, PlainEvent*>> calls;
  for (int i = 0; i < kCallers; ++i) {
    calls.emplace_back(Waiter::make().release(), new PlainEvent);
    callers.emplace_back([waiter = calls.back().first] { waiter->wait_until(base::kNever); });
  }
  WokenCallers woken;
  for (const auto& [waiter, event] : calls) EXPECT_TRUE(waiter->finish(*event, woken));
  woken.take().wake();
  for (std::thread& caller : callers) caller.join();
  for (const auto& [waiter, event] : calls) event->destroy();
}

}  // namespace
}  // namespace rmq::event
