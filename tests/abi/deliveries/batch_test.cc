// Many deliveries in one call: taken with their messages, and answered.
#include <algorithm>
#include <array>

#include "tests/abi/deliveries/states.h"

namespace rmq::test::abi {
namespace {

constexpr std::size_t kBatchMessages = 10;

std::string text_of(const rmq_message_view_t& view) {
  return {static_cast<const char*>(view.body), view.body_bytes};
}

class DeliveryBatch : public DeliveryStateTest {
 protected:
  DeliveryBatch() {
    Client sender(broker.address());
    for (std::size_t i = 0; i < kBatchMessages; ++i) {
      const Message message = make_message(std::to_string(i));
      EXPECT_EQ(rmq_producer_send(sender.producer.get(), message.get(), sender.destination.get(), 0,
                                  kLongMs, nullptr, nullptr),
                RMQ_OK);
    }
    member = std::make_unique<Member>(broker.address(), "m");
  }
  // Takes and answers until all messages came, with room for so many at once.
  void consume(std::size_t message_room) {
    std::array<rmq_event_view_t, 4> views;
    std::array<rmq_message_view_t, 16> messages;
    while (bodies.size() < kBatchMessages) {
      std::size_t count = 0;
      std::size_t shown = 0;
      ASSERT_EQ(rmq_event_queue_poll_messages(
                    member->queue.get(), kLongMs, views.data(), sizeof views[0], views.size(),
                    &count, messages.data(), sizeof messages[0], message_room, &shown, nullptr),
                RMQ_OK);
      ASSERT_GT(count, 0u);
      std::size_t of_events = 0;
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(views[i].event_type, RMQ_EVENT_DELIVERY);
        ASSERT_EQ(views[i].first_message, static_cast<std::int64_t>(of_events));
        of_events += static_cast<std::size_t>(views[i].messages_shown);
        look_at(views[i], messages.data());
      }
      ASSERT_EQ(of_events, shown);
      const std::array<std::int32_t, 4> answers{RMQ_ANSWER_SUCCESS, RMQ_ANSWER_SUCCESS,
                                                RMQ_ANSWER_SUCCESS, RMQ_ANSWER_SUCCESS};
      ASSERT_EQ(
          rmq_event_answer_batch(views.data(), sizeof views[0], count, answers.data(), nullptr),
          RMQ_OK);
      EXPECT_EQ(
          rmq_event_answer_batch(views.data(), sizeof views[0], count, answers.data(), nullptr),
          RMQ_ERROR_ALREADY_ANSWERED);
      rmq_event_destroy_batch(views.data(), sizeof views[0], count);
    }
  }
  // What was shown with the event, and what had no room.
  void look_at(const rmq_event_view_t& view, const rmq_message_view_t* messages) {
    for (std::int32_t i = 0; i < view.messages_shown; ++i) {
      bodies.push_back(text_of(messages[view.first_message + i]));
    }
    for (auto i = static_cast<std::size_t>(view.messages_shown);
         i < static_cast<std::size_t>(view.count); ++i) {
      rmq_message_view_t one{};
      ASSERT_EQ(rmq_event_messages(view.event, i, &one, sizeof one, 1), 1u);
      bodies.push_back(text_of(one));
    }
  }
  void expect_all_in_order() {
    ASSERT_EQ(bodies.size(), kBatchMessages);
    for (std::size_t i = 0; i < kBatchMessages; ++i) EXPECT_EQ(bodies[i], std::to_string(i));
    EXPECT_TRUE(wait_for_stored_offset(kBatchMessages));
  }
  std::vector<std::string> bodies;
};

TEST_F(DeliveryBatch, is_taken_with_its_messages_and_answered_in_one_call_each) {
  consume(16);
  expect_all_in_order();
}

TEST_F(DeliveryBatch, shows_later_what_had_no_room) {
  consume(1);
  expect_all_in_order();
}

// A host that fails with a batch in its hands makes no dead letters of what it did not look at.
TEST_F(DeliveryBatch, that_is_dropped_comes_again_uncounted) {
  std::array<rmq_event_view_t, 4> views;
  std::array<rmq_message_view_t, 16> messages;
  for (int time = 0; time < 3; ++time) {
    std::size_t count = 0;
    std::size_t shown = 0;
    ASSERT_EQ(rmq_event_queue_poll_messages(member->queue.get(), kLongMs, views.data(),
                                            sizeof views[0], views.size(), &count, messages.data(),
                                            sizeof messages[0], messages.size(), &shown, nullptr),
              RMQ_OK);
    ASSERT_GT(shown, 0u);
    for (std::size_t i = 0; i < shown; ++i) EXPECT_EQ(messages[i].reconsume_times, 0);
    rmq_event_destroy_batch(views.data(), sizeof views[0], count);
  }
  while (bodies.size() < kBatchMessages) {
    const Event taken = member->next();
    ASSERT_NE(taken, nullptr);
    rmq_message_view_t message{};
    ASSERT_EQ(rmq_event_messages(taken.get(), 0, &message, sizeof message, 1), 1u);
    EXPECT_EQ(message.reconsume_times, 0);
    ASSERT_EQ(answer(taken), RMQ_OK);
    bodies.push_back(text_of(message));
  }
  std::sort(bodies.begin(), bodies.end());
  expect_all_in_order();
}

TEST_F(DeliveryBatch, answers_the_others_when_one_is_refused) {
  std::array<rmq_event_view_t, 2> views{};
  const Event first = member->next();
  const Event second = member->next();
  ASSERT_EQ(rmq_event_view(first.get(), &views[0], sizeof views[0]), RMQ_OK);
  ASSERT_EQ(rmq_event_view(second.get(), &views[1], sizeof views[1]), RMQ_OK);
  const std::array<std::int32_t, 2> answers{77, RMQ_ANSWER_SUCCESS};
  EXPECT_EQ(rmq_event_answer_batch(views.data(), sizeof views[0], 2, answers.data(), nullptr),
            RMQ_ERROR_ARGUMENT);
  EXPECT_EQ(answer(second), RMQ_ERROR_ALREADY_ANSWERED);
  EXPECT_EQ(answer(first), RMQ_OK) << "the refused answer left it open";
}

}  // namespace
}  // namespace rmq::test::abi
