// Events that are withdrawn between their push and their poll.
#include "event/event_queue.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <set>
#include <thread>

#include "tests/unit/event/plain_event.h"

namespace rmq::event {
namespace {

// Tells whether it was taken or destroyed.
struct Fate {
  bool is_withdrawn = false;
  bool is_taken = false;
  int destroyed = 0;
};

class TestEvent final : public Event {
 public:
  TestEvent(Fate& fate, std::uint64_t token)
      : Event(EventType::delivery, token, nullptr), fate_(fate) {}
  bool take() noexcept override {
    fate_.is_taken = !fate_.is_withdrawn;
    return fate_.is_taken;
  }
  bool is_withdrawn() const noexcept override { return fate_.is_withdrawn; }
  void destroy() noexcept override {
    ++fate_.destroyed;
    delete this;
  }

 private:
  ~TestEvent() override = default;
  Fate& fate_;
};

class WithdrawnEventTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < 4; ++i) queue.push(new TestEvent(fates[i], i));
  }
  std::multiset<std::uint64_t> poll(std::size_t max, base::Duration wait = {}) {
    std::vector<Event*> events(max);
    std::size_t count = 0;
    end = queue.poll(events, wait, &count);
    std::multiset<std::uint64_t> tokens;
    for (std::size_t i = 0; i < count; ++i) {
      tokens.insert(events[i]->token());
      events[i]->destroy();
    }
    for (std::size_t i = count; i < max; ++i) EXPECT_EQ(events[i], nullptr) << "a dangling event";
    return tokens;
  }
  bool is_readable() {
    pollfd descriptor{queue.descriptor(), POLLIN, 0};
    return ::poll(&descriptor, 1, 0) == 1;
  }

  Fate fates[4];
  EventQueue queue{10};
  EventQueue::PollEnd end = EventQueue::PollEnd::events;
};

TEST_F(WithdrawnEventTest, is_skipped_by_a_poll_and_destroyed) {
  fates[0].is_withdrawn = fates[2].is_withdrawn = true;
  EXPECT_EQ(poll(2), (std::multiset<std::uint64_t>{1}));
  EXPECT_EQ(poll(2), (std::multiset<std::uint64_t>{3}));
  for (const Fate& fate : fates) {
    EXPECT_EQ(fate.destroyed, 1);
    EXPECT_EQ(fate.is_taken, !fate.is_withdrawn);
  }
}

TEST_F(WithdrawnEventTest, leaves_a_poll_as_if_it_had_never_been_there) {
  for (Fate& fate : fates) fate.is_withdrawn = true;
  EXPECT_TRUE(poll(3).empty());
  EXPECT_EQ(end, EventQueue::PollEnd::timeout);
  EXPECT_FALSE(is_readable());
}

TEST_F(WithdrawnEventTest, does_not_shorten_a_wait_for_the_next_event) {
  for (Fate& fate : fates) fate.is_withdrawn = true;
  Fate late;
  std::thread pusher([&] {
    while (queue.size() > 0) std::this_thread::yield();  // until the poll has seen them all
    queue.push(new TestEvent(late, 9));
  });
  EXPECT_EQ(poll(4, EventQueue::kForever), (std::multiset<std::uint64_t>{9}));
  pusher.join();
}

TEST_F(WithdrawnEventTest, is_taken_off_the_queue_with_the_descriptor_following) {
  EXPECT_TRUE(is_readable());
  fates[1].is_withdrawn = fates[3].is_withdrawn = true;
  queue.discard_withdrawn();
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(fates[1].destroyed + fates[3].destroyed, 2);
  EXPECT_TRUE(is_readable());
  fates[0].is_withdrawn = fates[2].is_withdrawn = true;
  queue.discard_withdrawn();
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_FALSE(is_readable());
}

TEST_F(WithdrawnEventTest, is_destroyed_with_the_queue_like_the_others) {
  fates[1].is_withdrawn = true;
  queue.abandon();
  for (const Fate& fate : fates) EXPECT_EQ(fate.destroyed, 1);
}

TEST(Event, that_is_no_delivery_takes_no_delivery_answer) {
  auto* event = new PlainEvent;
  EXPECT_EQ(event->answer({.kind = AnswerKind::success}).code(), base::ErrorCode::WRONG_EVENT);
  EXPECT_EQ(event->answer({.form = event::AnswerForm::each}).code(), base::ErrorCode::WRONG_EVENT);
  EXPECT_FALSE(event->parts().delivery);
  EXPECT_TRUE(event->parts().messages.empty());
  event->destroy();
}

}  // namespace
}  // namespace rmq::event
