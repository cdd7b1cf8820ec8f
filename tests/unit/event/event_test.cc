// Events in lists and with the room that they hold.
#include "event/event.h"

#include <gtest/gtest.h>

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
