// Nothing is pulled beyond the limits, whatever the user does or does not do, and pulling goes on
// as soon as answers make room.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class FlowControlTest : public GroupWorld {
 protected:
  void TearDown() override {
    kept.clear();
    end(member);
  }
  std::size_t cached() const { return member->consumer->context().cached_messages(); }
  std::size_t consume_all() {
    std::size_t count = 0;
    for (int i = 0; i < 200; ++i) {
      count += member->consume().size();
      network.advance(50ms);
    }
    return count;
  }

  std::unique_ptr<SimulatedMember> member;
  std::vector<EventPointer> kept;
};

TEST_F(FlowControlTest, stops_at_the_limit_of_a_queue_while_nobody_polls_for_two_minutes) {
  make_broker(2);
  store(5000);
  ConsumerOptions options = make_options();
  options.queue_limits.messages = 100;
  member = start_member("10.0.0.2", options);
  network.advance(120s);
  EXPECT_GE(cached(), 200u);
  EXPECT_LT(cached(), 2 * (100u + 32u));
  EXPECT_EQ(member->queue->size(), cached());
  // What was not taken is not answered, but it is not lost either: all comes, once.
  EXPECT_EQ(consume_all(), 5000u);
  EXPECT_EQ(cached(), 0u);
  EXPECT_EQ(committed_in_all(), 5000);
}

TEST_F(FlowControlTest, counts_until_the_answer_and_not_until_the_poll) {
  make_broker(1);
  store(500);
  ConsumerOptions options = make_options();
  options.queue_limits.messages = 50;
  member = start_member("10.0.0.2", options);
  network.advance(3s);
  kept = member->take();
  const std::size_t before = kept.size();
  EXPECT_LT(before, 82u);
  network.advance(60s);
  EXPECT_TRUE(member->take().empty());
  for (const EventPointer& event : kept)
    ASSERT_TRUE(event->answer({.kind = AnswerKind::success}).ok());
  network.advance(1s);
  EXPECT_FALSE(member->take().empty());
}

TEST_F(FlowControlTest, stops_at_the_bytes_of_a_queue) {
  make_broker(1);
  for (int i = 0; i < 200; ++i) {
    testbroker::Message message;
    message.topic = kTopic;
    message.body = std::string(10'000, 'x');
    (*broker)->store().append(std::move(message));
  }
  ConsumerOptions options = make_options();
  options.queue_limits.bytes = 500'000;
  member = start_member("10.0.0.2", options);
  network.advance(5s);
  EXPECT_GE(member->consumer->context().cached_bytes(), 500'000u);
  EXPECT_LT(member->consumer->context().cached_bytes(), 500'000u + 32 * 11'000u);
  EXPECT_EQ(consume_all(), 200u);
  EXPECT_EQ(member->consumer->context().cached_bytes(), 0u);
}

TEST_F(FlowControlTest, shares_the_limit_of_a_topic_among_its_queues) {
  make_broker(4);
  store(4000);
  ConsumerOptions options = make_options();
  options.topic_limits.messages = 80;
  options.pull_batch_size = 10;
  member = start_member("10.0.0.2", options);
  network.advance(5s);
  EXPECT_GE(cached(), 80u);
  EXPECT_LT(cached(), 4 * (20u + 10u));
  EXPECT_EQ(consume_all(), 4000u);
}

TEST_F(FlowControlTest, stops_at_the_limit_of_all_queues_and_starves_none) {
  make_broker(8);
  store(4000);
  ConsumerOptions options = make_options();
  options.total_limits.messages = 100;
  options.pull_batch_size = 10;
  member = start_member("10.0.0.2", options);
  network.advance(5s);
  EXPECT_GE(cached(), 100u);
  EXPECT_LT(cached(), 100u + 9 * 10u);  // one pull of each queue may have been under way
  EXPECT_EQ(consume_all(), 4000u);
  EXPECT_EQ(cached(), 0u);
  EXPECT_EQ(committed_in_all(), 4000);
}

TEST_F(FlowControlTest, stops_at_the_span_that_one_unanswered_message_makes) {
  make_broker(1);
  store(2000);
  ConsumerOptions options = make_options();
  options.span_max = 100;
  member = start_member("10.0.0.2", options);
  network.advance(3s);
  kept = member->take(1);
  std::size_t count = 0;
  for (int i = 0; i < 100; ++i) {
    count += member->consume().size();
    network.advance(50ms);
  }
  EXPECT_LT(count, 132u);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(count + consume_all(), 1999u);
}

TEST_F(FlowControlTest, stops_at_the_distance_to_the_committed_offset) {
  make_broker(1);
  store(1000);
  ConsumerOptions options = make_options();
  options.uncommitted_max = 64;
  member = start_member("10.0.0.2", options);
  network.advance(5s);
  EXPECT_GT(cached(), 64u);
  EXPECT_LE(cached(), 64u + 32u);
  EXPECT_EQ(consume_all(), 1000u);
}

TEST_F(FlowControlTest, costs_a_paused_queue_no_wake_up) {
  make_broker(1);
  store(1000);
  ConsumerOptions options = make_options();
  options.queue_limits.messages = 10;
  member = start_member("10.0.0.2", options);
  network.advance(60s);
  const std::uint64_t pulls =
      (*broker)->counts().requests_by_code.at(static_cast<std::int32_t>(RequestCode::PULL_MESSAGE));
  network.advance(10min);
  const std::uint64_t later =
      (*broker)->counts().requests_by_code.at(static_cast<std::int32_t>(RequestCode::PULL_MESSAGE));
  // The long polls of the retry topic's one queue go on.
  EXPECT_LE(later - pulls, 10 * 60 / 15 + 2u);
}

}  // namespace
}  // namespace rmq::consumer
