// How a consumer ends, by its own close, by the runtime's, and with its handle.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class CloseTest : public GroupWorld {
 protected:
  void SetUp() override { make_broker(4); }
  void TearDown() override {
    kept.clear();
    end(member);
  }
  void start(int messages) {
    store(messages);
    member = start_member("10.0.0.2", make_options());
    network.advance(3s);
  }
  // The closed event, when it has come.
  std::optional<ErrorCode> closed() {
    for (const EventPointer& event : member->take()) {
      EXPECT_EQ(event->type(), event::EventType::closed) << "a delivery after the close began";
      if (event->type() == event::EventType::closed) return event->error_code();
    }
    return std::nullopt;
  }
  std::size_t members() { return (*broker)->clients().client_ids(kGroup).size(); }

  std::unique_ptr<SimulatedMember> member;
  std::vector<EventPointer> kept;
};

TEST_F(CloseTest, ends_at_once_when_nothing_is_with_the_user_and_leaves_the_group) {
  start(10);
  EXPECT_EQ(member->consume().size(), 10u);
  EXPECT_EQ(members(), 1u);
  ASSERT_TRUE(member->consumer->close_async(10s, {.token = 1}).ok());
  network.advance(200ms);
  EXPECT_EQ(closed(), ErrorCode::OK);
  EXPECT_EQ(members(), 0u);
  EXPECT_EQ(committed_in_all(), 10);
  EXPECT_EQ(member->consumer->close(1s).code(), ErrorCode::OK);
  EXPECT_EQ(member->consumer->subscribe("x", FilterType::tag, "").code(), ErrorCode::CLOSED);
}

TEST_F(CloseTest, withdraws_a_hundred_waiting_deliveries_and_does_not_wait_for_them) {
  start(100);
  EXPECT_EQ(member->queue->size(), 100u);
  ASSERT_TRUE(member->consumer->close_async(10s, {.token = 1}).ok());
  network.advance(200ms);
  EXPECT_EQ(member->queue->size(), 1u);
  EXPECT_EQ(closed(), ErrorCode::OK);
  EXPECT_EQ(committed_in_all(), 0);
}

TEST_F(CloseTest, waits_for_the_answers_to_what_was_taken) {
  start(100);
  kept = member->take(50);
  ASSERT_TRUE(member->consumer->close_async(10s, {.token = 1}).ok());
  network.advance(5s);
  EXPECT_FALSE(closed());
  EXPECT_EQ(members(), 1u);
  for (const EventPointer& event : kept)
    ASSERT_TRUE(event->answer({.kind = AnswerKind::success}).ok());
  network.advance(200ms);
  EXPECT_EQ(closed(), ErrorCode::OK);
  EXPECT_EQ(committed_in_all(), 50);
}

TEST_F(CloseTest, tells_at_its_time_limit_that_answers_are_missing) {
  start(8);
  kept = member->take();
  ASSERT_EQ(kept.size(), 8u);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(kept[i]->answer({.kind = AnswerKind::success}).ok());
  ASSERT_TRUE(member->consumer->close_async(10s, {.token = 1}).ok());
  network.advance(9s);
  EXPECT_FALSE(closed());
  network.advance(2s);
  EXPECT_EQ(closed(), ErrorCode::CLOSE_TIMEOUT);
  EXPECT_EQ(kept[7]->answer({.kind = AnswerKind::success}).code(), ErrorCode::STALE);
  EXPECT_EQ(members(), 0u);
}

TEST_F(CloseTest, waits_until_a_failed_message_is_back_with_the_broker) {
  start(1);
  (*broker)
      ->script()
      .on(RequestCode::CONSUMER_SEND_MSG_BACK)
      .then(fault::recode(0) | fault::delay(2s));
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::reconsume_later}).ok());
  ASSERT_TRUE(member->consumer->close_async(10s, {.token = 1}).ok());
  network.advance(1s);
  EXPECT_FALSE(closed());
  network.advance(2s);
  EXPECT_EQ(closed(), ErrorCode::OK);
  EXPECT_EQ(committed_in_all(), 1);
}

TEST_F(CloseTest, ends_in_time_when_the_broker_is_gone) {
  start(4);
  (*broker)->pause();
  ASSERT_TRUE(member->consumer->close_async(2s, {.token = 1}).ok());
  network.advance(3s);
  EXPECT_TRUE(closed());
}

TEST_F(CloseTest, by_the_runtime_counts_what_was_not_answered) {
  start(4);
  kept = member->take();
  ASSERT_EQ(kept.size(), 4u);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::success}).ok());
  member->host->close(1s);
  EXPECT_EQ(member->host->core().cut_short(), 3u);
  for (int i = 1; i < 4; ++i)
    EXPECT_EQ(kept[i]->answer({.kind = AnswerKind::success}).code(), ErrorCode::STALE);
  network.advance(1s);
  EXPECT_EQ(committed_in_all(), 1);
}

TEST_F(CloseTest, by_the_runtime_at_once_stores_what_was_answered_and_leaves_the_group) {
  start(20);
  EXPECT_EQ(member->consume().size(), 20u);
  network.advance(1ms);  // the loop takes the answers, as it would before a close of the runtime
  EXPECT_TRUE(member->host->close(0s));
  network.advance(1s);
  EXPECT_EQ(committed_in_all(), 20);
  EXPECT_EQ(members(), 0u);
}

// The consumer's own time limit and that of its runtime come due in one turn when the process was
// stopped across both.
TEST_F(CloseTest, by_the_runtime_stores_what_was_answered_at_a_time_limit_that_was_slept_through) {
  start(20);
  kept = member->take();
  for (int i = 0; i < 19; ++i) ASSERT_TRUE(kept[i]->answer({.kind = AnswerKind::success}).ok());
  member->host->begin_close(1ms);
  EXPECT_TRUE(member->host->close(1ms));
  network.advance(1s);
  EXPECT_EQ(committed_in_all(), 19);
  EXPECT_EQ(members(), 0u);
}

// Offsets are persisted every five seconds; the answers to some of that may be due after the close.
TEST_F(CloseTest, leaves_no_question_behind_that_is_still_open) {
  start(4);
  (*broker)
      ->script()
      .on(protocol::RequestCode::UPDATE_CONSUMER_OFFSET)
      .then(testbroker::fault::no_answer());
  EXPECT_EQ(member->consume().size(), 4u);
  const auto has_heard_of_an_offset = [&] {
    const auto& counts = (*broker)->counts().requests_by_code;
    return counts.contains(static_cast<std::int32_t>(RequestCode::UPDATE_CONSUMER_OFFSET));
  };
  ASSERT_TRUE(network.run_until(has_heard_of_an_offset, 10s));
  ASSERT_TRUE(member->consumer->close_async(1s, {.token = 1}).ok());
  network.advance(100ms);
  ASSERT_TRUE(closed());
  EXPECT_EQ(member->host->core().endpoints().pending(), 0u);
}

TEST_F(CloseTest, lets_a_new_member_of_the_group_begin_at_once) {
  start(4);
  EXPECT_EQ(member->consume().size(), 4u);
  auto second =
      GroupMember::make(member->host, *push_parts(), make_options(), member->queue, {.token = 8});
  EXPECT_EQ(second->start().code(), ErrorCode::GROUP_TAKEN);
  ASSERT_TRUE(member->consumer->close_async(1s, {.token = 1}).ok());
  network.advance(200ms);
  EXPECT_EQ(closed(), ErrorCode::OK);
  ASSERT_TRUE(second->subscribe(kTopic, FilterType::tag, "").ok());
  ASSERT_TRUE(second->start().ok());
  store(4, 4);
  network.advance(5s);
  EXPECT_EQ(member->consume().size(), 4u);
  second->abandon();
}

TEST_F(CloseTest, with_the_handle_withdraws_everything_and_persists_the_offsets) {
  start(40);
  kept = member->take(20);
  for (const EventPointer& event : kept)
    ASSERT_TRUE(event->answer({.kind = AnswerKind::success}).ok());
  network.run_until_idle();
  member->consumer->abandon();
  member->consumer.reset();
  network.advance(1s);
  EXPECT_EQ(member->queue->size(), 0u);
  EXPECT_EQ(members(), 0u);
  EXPECT_EQ(committed_in_all(), 20);
  member->host->close();
  member.reset();
}

TEST_F(CloseTest, before_the_start_is_nothing_to_wait_for) {
  member = make_member("10.0.0.2", make_options());
  EXPECT_EQ(member->consumer->close_async(1s, {.token = 1}).code(), ErrorCode::NOT_STARTED);
  EXPECT_TRUE(member->consumer->close(1s).ok());
  EXPECT_EQ(member->consumer->start().code(), ErrorCode::CLOSED);
}

TEST_F(CloseTest, that_overtakes_the_start_leaves_no_member) {
  member = make_member("10.0.0.2", make_options());
  bool is_closing = false;
  member->host->between_steps = [&] {
    if (!is_closing) is_closing = member->consumer->close_async(1s, {.token = 1}).ok();
  };
  ASSERT_TRUE(member->consumer->start().ok());
  member->host->between_steps = nullptr;
  ASSERT_TRUE(is_closing);
  network.advance(5s);
  EXPECT_EQ(closed(), ErrorCode::OK);
  EXPECT_EQ(members(), 0u);
  auto second =
      GroupMember::make(member->host, *push_parts(), make_options(), member->queue, {.token = 8});
  EXPECT_TRUE(second->start().ok()) << "the group is free";
  second->abandon();
}

TEST_F(CloseTest, refuses_to_start_what_is_not_supported_yet) {
  ConsumerOptions options = make_options();
  options.unsupported = "message_model=broadcasting";
  member = make_member("10.0.0.2", options);
  EXPECT_EQ(member->consumer->start().code(), ErrorCode::NOT_IMPLEMENTED);
}

}  // namespace
}  // namespace rmq::consumer
