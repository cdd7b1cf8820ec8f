// Events in lists and with the room that they hold.
#include "event/event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "event/event_queue.h"
#include "tests/support/assertion.h"

namespace rmq::event {
namespace {

using test::is_noticed;

class TokenEvent final : public Event {
 public:
  explicit TokenEvent(std::uint64_t token) : Event(EventType::flushed, token, nullptr) {}
  void destroy() noexcept override { delete this; }
};

TEST(EventList, keeps_the_order_when_lists_are_joined) {
  TokenEvent events[] = {TokenEvent(0), TokenEvent(1), TokenEvent(2), TokenEvent(3)};
  EventList first;
  EventList second;
  for (const int i : {0, 1}) first.push_back(&events[i]);
  for (const int i : {2, 3}) second.push_back(&events[i]);
  first.append(second);
  EXPECT_TRUE(second.empty());
  EXPECT_EQ(first.size(), 4u);
  for (const TokenEvent& event : events) EXPECT_EQ(first.pop_front(), &event);
  EXPECT_EQ(first.pop_front(), nullptr);
  EXPECT_EQ(first.size(), 0u);
  // What was taken may be listed again.
  first.push_back(&events[0]);
  EXPECT_EQ(first.pop_front(), &events[0]);
}

TEST(EventList, notices_an_event_that_is_listed_twice) {
  EXPECT_TRUE(is_noticed([] {
    TokenEvent event(0);
    EventList list;
    list.push_back(&event);
    list.push_back(&event);
  })) << "the last one of its list";
  EXPECT_TRUE(is_noticed([] {
    TokenEvent events[] = {TokenEvent(0), TokenEvent(1)};
    EventList list;
    EventList other;
    for (TokenEvent& event : events) list.push_back(&event);
    other.push_back(&events[0]);
  })) << "of another list";
  EXPECT_TRUE(is_noticed([] {
    TokenEvent event(0);
    EventList list;
    list.push_back(&event);
    list.append(list);
  })) << "a list that is joined with itself";
}

TEST(EventQueue, notices_an_event_after_its_end) {
  EXPECT_TRUE(is_noticed([] {
    EventQueue queue(1);
    queue.finish();
    queue.push(new TokenEvent(0));
  }));
}

TEST(Budget, gets_back_what_was_taken) {
  Budget::Owned budget = Budget::make(2, 100);
  EXPECT_TRUE(budget->try_acquire(60));
  EXPECT_FALSE(budget->try_acquire(60)) << "too many bytes";
  EXPECT_TRUE(budget->try_acquire(40));
  EXPECT_FALSE(budget->try_acquire(0)) << "too many operations";
  budget->release(60);
  EXPECT_EQ(budget->operations(), 1);
  EXPECT_EQ(budget->bytes(), 40);
  auto* event = new TokenEvent(0);
  event->hold(*budget, 40);
  budget.reset();  // lives on with the event
  event->release_held();
  event->release_held();
  event->destroy();
}

TEST(Budget, takes_room_of_the_common_one_too_and_says_which_has_none) {
  Budget::Owned common = Budget::make(3, 100);
  Budget::Owned a = Budget::make(2, 1000, common.get());
  Budget::Owned b = Budget::make(2, 1000, common.get());
  const Budget* full = nullptr;
  EXPECT_TRUE(a->try_acquire(50, &full));
  EXPECT_TRUE(b->try_acquire(50, &full));
  EXPECT_EQ(full, nullptr);
  EXPECT_FALSE(a->try_acquire(1, &full)) << "bytes of both";
  EXPECT_EQ(full, common.get());
  EXPECT_EQ(a->operations(), 1) << "what came to nothing holds nothing";
  EXPECT_EQ(common->operations(), 2);
  EXPECT_TRUE(a->try_acquire(0));
  EXPECT_FALSE(a->try_acquire(0, &full));
  EXPECT_EQ(full, a.get());
  EXPECT_FALSE(b->acquire(0, base::milliseconds(1), &full));
  EXPECT_EQ(full, common.get());
  EXPECT_EQ(b->operations(), 1);
  for (std::uint32_t bytes : {50, 0}) a->release(bytes);
  common.reset();  // lives on with those that share it
  b->release(50);
}

TEST(Budget, lets_those_who_wait_for_common_room_in_by_turns_and_nobody_before_them) {
  Budget::Owned common = Budget::make(2, 1000);
  Budget::Owned greedy = Budget::make(100, 1'000'000, common.get());
  Budget::Owned modest = Budget::make(100, 1'000'000, common.get());
  ASSERT_TRUE(greedy->try_acquire(400));
  ASSERT_TRUE(greedy->try_acquire(400));
  std::atomic<bool> has_room{false};
  // A large one, which small ones would overtake for ever.
  std::thread waiter([&] { has_room = modest->acquire(900, std::chrono::seconds(60)); });
  while (modest->operations() == 0) std::this_thread::yield();  // in the line, or about to be
  while (common->waiters() == 0) std::this_thread::yield();
  greedy->release(400);
  const Budget* full = nullptr;
  EXPECT_FALSE(greedy->try_acquire(10, &full)) << "there is room, and somebody who came before";
  EXPECT_EQ(full, common.get());
  greedy->release(400);
  waiter.join();
  EXPECT_TRUE(has_room);
  EXPECT_TRUE(greedy->try_acquire(10));
  greedy->release(10);
  modest->release(900);
}

TEST(Budget, ends_a_wait_for_common_room_when_its_own_producer_closes) {
  Budget::Owned common = Budget::make(1, 1000);
  Budget::Owned a = Budget::make(10, 1000, common.get());
  Budget::Owned b = Budget::make(10, 1000, common.get());
  ASSERT_TRUE(a->try_acquire(1));
  bool has_room = true;
  std::thread waiter([&] { has_room = b->acquire(1, std::chrono::seconds(60)); });
  while (common->waiters() == 0) std::this_thread::yield();
  const auto closed_at = std::chrono::steady_clock::now();
  b->close();
  waiter.join();
  EXPECT_LT(std::chrono::steady_clock::now() - closed_at, std::chrono::seconds(30));
  EXPECT_FALSE(has_room);
  EXPECT_EQ(b->operations(), 0);
  a->release(1);
}

TEST(Budget, notices_room_that_was_not_taken_and_room_that_is_lost) {
  EXPECT_TRUE(is_noticed([] {
    Budget::Owned budget = Budget::make(2, 100);
    budget->release(0);
  })) << "an operation that is none";
  EXPECT_TRUE(is_noticed([] {
    Budget::Owned budget = Budget::make(2, 100);
    EXPECT_TRUE(budget->try_acquire(10));
    budget->release(20);
  })) << "more bytes than were taken";
  EXPECT_TRUE(is_noticed([] {
    Budget::Owned budget = Budget::make(2, 100);
    TokenEvent event(0);
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(budget->try_acquire(10));
      event.hold(*budget, 10);
    }
  })) << "an event that holds room twice";
  EXPECT_TRUE(is_noticed([] {
    Budget::Owned budget = Budget::make(2, 100);
    EXPECT_TRUE(budget->try_acquire(10));
    TokenEvent event(0);
    event.hold(*budget, 10);
  })) << "an event that ends with its room";
}

}  // namespace
}  // namespace rmq::event
