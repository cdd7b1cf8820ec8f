// Half messages and how they end: what the answer of the send's event does at the broker.
#include <gtest/gtest.h>

#include <thread>

#include "tests/fault/producer/transaction_world.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using HalfMessageTest = TransactionTest;

TEST_F(HalfMessageTest, commit_delivers_and_rollback_does_not) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent good = begin(1);
  OwnedEvent bad = begin(2);
  EXPECT_TRUE(delivered().empty()) << "before the answer";
  EXPECT_EQ(broker->state().half_messages.size(), 2u);
  EXPECT_EQ(answer(good, AnswerKind::commit), ErrorCode::OK);
  EXPECT_EQ(answer(bad, AnswerKind::rollback), ErrorCode::OK);
  settle();
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
  EXPECT_EQ(broker->state().half_messages.size(), 0u);
  advance(minutes(5));
  EXPECT_EQ(broker->state().half_messages.asked(), 0u);
}

TEST_F(HalfMessageTest, stored_half_message_has_the_marks_of_one) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent event = begin(1);
  const auto halves = broker->store().messages(protocol::kHalfTopic);
  ASSERT_EQ(halves.size(), 1u);
  EXPECT_EQ(halves[0].property("TRAN_MSG"), "true");
  EXPECT_EQ(halves[0].property("PGROUP"), "simulated");
  EXPECT_EQ(halves[0].property("REAL_TOPIC"), "orders");
  answer(event, AnswerKind::commit);
  settle();
  const auto stored = broker->store().messages("orders");
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].sys_flag & 0xC, 8);
  EXPECT_EQ(stored[0].prepared_transaction_offset, halves[0].commit_log_offset);
  EXPECT_EQ(stored[0].property("UNIQ_KEY"), event->parts().message_id);
}

TEST_F(HalfMessageTest, second_answer_is_refused_and_moves_nothing) {
  start_one_broker();
  OwnedEvent event = begin(1);
  EXPECT_EQ(answer(event, AnswerKind::rollback), ErrorCode::OK);
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::ALREADY_ANSWERED);
  settle();
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::ALREADY_ANSWERED);
  settle();
  EXPECT_TRUE(delivered().empty());
  EXPECT_EQ(ends_told(), 1u);
}

TEST_F(HalfMessageTest, answer_of_another_kind_is_refused_and_leaves_it_open) {
  start_one_broker();
  OwnedEvent event = begin(1);
  EXPECT_EQ(answer(event, AnswerKind::success), ErrorCode::ARGUMENT);
  EXPECT_EQ(answer(event, AnswerKind::none), ErrorCode::ARGUMENT);
  EXPECT_EQ(event->answer({.kind = AnswerKind::commit, .value = 3}).code(), ErrorCode::ARGUMENT);
  EXPECT_EQ(event->answer({.form = event::AnswerForm::text, .text = "commit"}).code(),
            ErrorCode::WRONG_EVENT);
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
}

TEST_F(HalfMessageTest, plain_send_wants_no_answer_and_takes_none) {
  start_one_broker();
  ASSERT_TRUE(send(1).ok());
  settle();
  OwnedEvent event = poll();
  ASSERT_TRUE(event);
  EXPECT_FALSE(event->parts().wants_answer);
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::WRONG_EVENT);
}

TEST_F(HalfMessageTest, unknown_is_told_and_destroying_is_not_and_both_leave_it_to_the_broker) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent told = begin(1);
  answer(told, AnswerKind::unknown);
  begin(2).reset();
  settle();
  EXPECT_EQ(ends_told(), 1u);
  EXPECT_EQ(broker->state().half_messages.size(), 2u);
  network.advance(seconds(31));
  EXPECT_TRUE(is_check(poll()));
  EXPECT_TRUE(is_check(poll()));
}

// What is not safely stored is no ground for a local transaction.
TEST_F(HalfMessageTest, doubtful_status_is_rolled_back_at_once_and_wants_no_answer) {
  test::MemoryServer& broker = start_one_broker();
  for (const std::int32_t status : {10, 11, 12}) {
    broker->script().clear();
    broker->script()
        .on(RequestCode::SEND_MESSAGE_V2)
        .nth(1)
        .then(testbroker::fault::recode(status));
    ASSERT_TRUE(send_half(1).ok());
    settle();
    OwnedEvent event = poll();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->error_code(), ErrorCode::OK);
    EXPECT_EQ(event->parts().send_result->status, status);
    EXPECT_FALSE(event->parts().wants_answer);
    EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::WRONG_EVENT);
    EXPECT_EQ(broker->state().half_messages.size(), 0u) << "status " << status;
  }
  EXPECT_TRUE(delivered().empty());
}

TEST_F(HalfMessageTest, failed_send_wants_no_answer) {
  test::MemoryServer& broker = start_one_broker();
  broker->script().on(RequestCode::SEND_MESSAGE_V2).then(testbroker::fault::error(16, "no"));
  ASSERT_TRUE(send_half(1).ok());
  settle();
  OwnedEvent event = poll();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->error_code(), ErrorCode::NO_PERMISSION);
  EXPECT_FALSE(event->parts().wants_answer);
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::WRONG_EVENT);
  EXPECT_EQ(ends_told(), 0u);
}

TEST_F(HalfMessageTest, event_that_is_answered_after_the_close_is_stale) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent event = begin(1);
  ASSERT_TRUE(producer->close_async(seconds(1), {.token = 99}).ok());
  settle();
  OwnedEvent closed = poll();
  ASSERT_TRUE(closed && closed->type() == event::EventType::closed)
      << "a close does not wait for answers";
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::STALE);
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::STALE);
  settle();
  EXPECT_EQ(broker->state().half_messages.size(), 1u);
}

TEST_F(HalfMessageTest, event_outlives_producer_and_runtime) {
  start_one_broker();
  OwnedEvent answered = begin(1);
  OwnedEvent dropped = begin(2);
  producer->abandon();
  EXPECT_TRUE(host->close());
  take_events();
  producer.reset();
  host.reset();
  EXPECT_EQ(answer(answered, AnswerKind::commit), ErrorCode::STALE);
}

// The connection takes no bytes for a while: the end waits, and the close with it.
TEST_F(HalfMessageTest, close_waits_for_answers_that_were_given) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent event = begin(1);
  broker->cut_connections();
  settle();
  ASSERT_EQ(answer(event, AnswerKind::commit), ErrorCode::OK);
  ASSERT_TRUE(producer->close_async(seconds(3), {.token = 99}).ok());
  OwnedEvent closed;
  while (!closed) {
    network.advance(std::chrono::milliseconds(1));
    closed = poll();
  }
  EXPECT_EQ(broker->connection_count(), 1u) << "one was made for it before the close was over";
  settle();
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
}

TEST_F(HalfMessageTest, close_does_not_wait_longer_than_its_limit_for_an_end_that_cannot_go) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent event = begin(1);
  broker->stop();
  settle();
  ASSERT_EQ(answer(event, AnswerKind::commit), ErrorCode::OK);
  ASSERT_TRUE(producer->close_async(seconds(1), {.token = 99}).ok());
  network.advance(seconds(2));
  OwnedEvent closed;
  while (OwnedEvent next = poll()) closed = std::move(next);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->type(), event::EventType::closed);
  ASSERT_NE(closed->error(), nullptr) << "an answer that was given did not go";
  EXPECT_EQ(closed->error()->count, 1);
}

// The broker dies between the half message and the commit, and comes back within the time of a
// send.
TEST_F(HalfMessageTest, end_waits_for_a_broker_that_comes_back) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent event = begin(1);
  broker->crash(seconds(1), testbroker::Memory::kept);
  settle();
  ASSERT_EQ(answer(event, AnswerKind::commit), ErrorCode::OK);
  advance(seconds(3));
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
}

TEST_F(HalfMessageTest, end_goes_to_the_broker_of_the_half_message_among_several) {
  add_name_server(1);
  for (int n = 1; n <= 3; ++n) add_broker(n, {{.name = "orders", .write_queues = 1}});
  start();
  for (std::uint64_t token = 1; token <= 9; ++token)
    EXPECT_EQ(answer(begin(token), AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_EQ(delivered().size(), 9u);
  for (const auto& broker : brokers) EXPECT_EQ((*broker)->store().messages("orders").size(), 3u);
}

TEST_F(HalfMessageTest, half_message_to_an_address_ends_there) {
  test::MemoryServer& broker = start_one_broker();
  auto destination = std::make_shared<Destination>();
  destination->address = transport::HostPort::parse(broker_address(1)).take_value();
  destination->queue_id = 0;
  ASSERT_TRUE(send_half(1, SendMode::event, destination).ok());
  settle();
  OwnedEvent event = poll();
  ASSERT_TRUE(event && event->parts().wants_answer);
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_EQ(broker->store().messages("orders").size(), 1u);
}

TEST_F(HalfMessageTest, delayed_message_is_refused) {
  start_one_broker();
  auto message = OutgoingMessage::make(topic).take_value();
  message->set_body(base::as_bytes(std::string_view("x")));
  ASSERT_TRUE(message->set_delay_level(3).ok());
  const auto status = producer->send_async(*message, message->body(), nullptr, {.is_half = true});
  EXPECT_EQ(status.code(), ErrorCode::MESSAGE_ILLEGAL);
  EXPECT_NE(status.error().message.find("DELAY"), std::string::npos);
}

TEST_F(HalfMessageTest, properties_that_leave_no_room_are_refused) {
  start_one_broker();
  auto message = OutgoingMessage::make(topic).take_value();
  message->set_body(base::as_bytes(std::string_view("x")));
  ASSERT_TRUE(message->set_user_property("long", std::string(32'550, 'x')).ok());
  const auto status = producer->send_async(*message, message->body(), nullptr, {.is_half = true});
  EXPECT_EQ(status.code(), ErrorCode::TOO_LARGE);
}

TEST_F(HalfMessageTest, answer_on_any_thread_reaches_the_broker) {
  start_one_broker();
  OwnedEvent event = begin(1);
  int accepted = 0;
  std::thread([&] { accepted += answer(event, AnswerKind::commit) == ErrorCode::OK; }).join();
  std::thread([&] { accepted += answer(event, AnswerKind::commit) == ErrorCode::OK; }).join();
  EXPECT_EQ(accepted, 1);
  settle();
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
}

}  // namespace
}  // namespace rmq::producer::testing
