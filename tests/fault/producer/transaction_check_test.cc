// What brokers ask about transactions, and who answers when something was lost.
#include <gtest/gtest.h>

#include "tests/fault/producer/transaction_world.h"
#include "wire/command.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using TransactionCheckTest = TransactionTest;

// The user has said how it ends; nobody asks twice.
TEST_F(TransactionCheckTest, lost_end_is_healed_by_the_check_and_the_user_is_not_asked_again) {
  test::MemoryServer& broker = start_one_broker();
  broker->script()
      .on(RequestCode::END_TRANSACTION)
      .first(2)
      .then(testbroker::fault::drop_request());
  answer(begin(1), AnswerKind::commit);
  answer(begin(2), AnswerKind::rollback);
  network.advance(seconds(29));
  EXPECT_TRUE(delivered().empty());
  EXPECT_EQ(broker->state().half_messages.size(), 2u);
  network.advance(seconds(2));
  EXPECT_FALSE(poll());
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
  EXPECT_EQ(broker->state().half_messages.size(), 0u);
  EXPECT_EQ(broker->state().half_messages.asked(), 2u);
}

TEST_F(TransactionCheckTest, oldest_ends_are_forgotten_and_the_user_is_asked) {
  EndedTransactions ended;
  for (std::size_t i = 0; i <= EndedTransactions::kMax; ++i)
    ended.add(std::to_string(i), protocol::TransactionState::commit);
  EXPECT_FALSE(ended.find("0"));
  EXPECT_EQ(ended.find("1"), protocol::TransactionState::commit);
  EXPECT_TRUE(ended.find(std::to_string(EndedTransactions::kMax)));
}

TEST_F(TransactionCheckTest, check_shows_the_half_message_and_is_answered_once) {
  start_one_broker();
  begin(1).reset();
  network.advance(seconds(31));
  OwnedEvent check = poll();
  ASSERT_TRUE(is_check(check));
  const event::EventParts parts = check->parts();
  EXPECT_TRUE(parts.wants_answer);
  ASSERT_EQ(parts.messages.size(), 1u);
  EXPECT_EQ(body_in(check), body_of(1));
  EXPECT_EQ(parts.topic, "orders") << "the real one";
  EXPECT_EQ(parts.messages[0]->property("PGROUP"), "simulated");
  EXPECT_EQ(answer(check, AnswerKind::commit), ErrorCode::OK);
  EXPECT_EQ(answer(check, AnswerKind::rollback), ErrorCode::ALREADY_ANSWERED);
  settle();
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
  network.advance(minutes(10));
  EXPECT_FALSE(poll()) << "it has ended";
}

TEST_F(TransactionCheckTest, check_that_is_rolled_back_or_unknown) {
  test::MemoryServer& broker = start_one_broker();
  begin(1).reset();
  network.advance(seconds(31));
  OwnedEvent first = poll();
  ASSERT_TRUE(is_check(first));
  EXPECT_EQ(answer(first, AnswerKind::unknown), ErrorCode::OK);
  network.advance(seconds(30));
  OwnedEvent second = poll();
  ASSERT_TRUE(is_check(second)) << "the broker asks again";
  EXPECT_EQ(answer(second, AnswerKind::rollback), ErrorCode::OK);
  network.advance(minutes(10));
  EXPECT_FALSE(poll());
  EXPECT_EQ(broker->state().half_messages.size(), 0u);
  EXPECT_TRUE(delivered().empty());
}

// The local transaction takes longer than the broker likes to wait. The broker asks about a copy of
// the half message; the answer to the send has to end that copy and not the one it knows of.
TEST_F(TransactionCheckTest, late_answer_to_the_send_ends_what_the_broker_asks_about) {
  test::MemoryServer& broker = start_one_broker();
  OwnedEvent event = begin(1);
  network.advance(seconds(31));
  EXPECT_EQ(queue->size(), 1u);
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_FALSE(poll()) << "a question that has its answer leaves the queue";
  EXPECT_EQ(broker->state().half_messages.size(), 0u) << "the newest copy has ended";
  network.advance(minutes(10));
  EXPECT_EQ(delivered(), Bodies{body_of(1)}) << "once";
}

TEST_F(TransactionCheckTest, answer_to_the_check_settles_the_open_send_too) {
  start_one_broker();
  OwnedEvent event = begin(1);
  network.advance(seconds(31));
  OwnedEvent check = poll();
  ASSERT_TRUE(is_check(check));
  EXPECT_EQ(answer(check, AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::STALE) << "it has ended";
  network.advance(minutes(10));
  EXPECT_EQ(delivered(), Bodies{body_of(1)}) << "once";
  EXPECT_EQ(ends_told(), 1u);
}

TEST_F(TransactionCheckTest, check_that_is_with_the_user_is_stale_once_the_send_was_answered) {
  start_one_broker();
  OwnedEvent event = begin(1);
  network.advance(seconds(31));
  OwnedEvent check = poll();
  ASSERT_TRUE(is_check(check));
  EXPECT_EQ(answer(event, AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_EQ(answer(check, AnswerKind::rollback), ErrorCode::STALE);
  settle();
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
}

// Brokers ask groups that they know from heartbeats, which go where the topic's route leads.
TEST_F(TransactionCheckTest, half_message_to_an_address_is_asked_about) {
  start_one_broker();
  auto destination = std::make_shared<Destination>();
  destination->address = transport::HostPort::parse(broker_address(1)).take_value();
  ASSERT_TRUE(send_half(1, SendMode::event, destination).ok());
  settle();
  poll().reset();
  network.advance(seconds(61));
  OwnedEvent check = poll();
  ASSERT_TRUE(is_check(check));
  EXPECT_EQ(body_in(check), body_of(1));
}

// Nobody polls: the questions about one transaction are one event, and its answer ends the newest.
TEST_F(TransactionCheckTest, questions_about_one_transaction_are_one_event) {
  test::MemoryServer& broker = start_one_broker();
  begin(1).reset();
  network.advance(seconds(91));
  EXPECT_EQ(broker->state().half_messages.asked(), 3u);
  EXPECT_EQ(queue->size(), 1u);
  OwnedEvent check = poll();
  ASSERT_TRUE(is_check(check));
  network.advance(seconds(30));
  EXPECT_FALSE(poll()) << "while it is with the user, too";
  EXPECT_EQ(answer(check, AnswerKind::commit), ErrorCode::OK);
  network.advance(minutes(10));
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
  EXPECT_EQ(broker->state().half_messages.size(), 0u);
}

TEST_F(TransactionCheckTest, check_that_the_broker_does_not_repeat_leaves_the_queue) {
  test::MemoryServer& broker = start_one_broker();
  begin(1).reset();
  begin(2).reset();
  network.advance(seconds(31));
  OwnedEvent taken = poll();
  ASSERT_TRUE(is_check(taken));
  EXPECT_EQ(queue->size(), 1u);
  broker->state().half_messages.clear();  // another member has answered
  network.advance(seconds(61));
  EXPECT_EQ(queue->size(), 0u);
  EXPECT_EQ(answer(taken, AnswerKind::commit), ErrorCode::STALE);
  settle();
  EXPECT_TRUE(delivered().empty());
}

TEST_F(TransactionCheckTest, new_client_answers_for_one_that_is_gone) {
  test::MemoryServer& broker = start_one_broker();
  begin(1).reset();
  producer->abandon();
  EXPECT_TRUE(host->close());
  take_events();
  network.advance(seconds(31));
  EXPECT_EQ(broker->state().half_messages.asked(), 0u) << "nobody is there";

  start("10.0.1.1:9876", {.transaction_topics = {"orders"}});
  network.advance(seconds(30));
  OwnedEvent check = poll();
  ASSERT_TRUE(is_check(check)) << "although it has sent nothing";
  EXPECT_EQ(body_in(check), body_of(1));
  EXPECT_EQ(answer(check, AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
}

// Brokers forget a group with its connection, so that the topics count for hours without a send.
TEST_F(TransactionCheckTest, named_topics_are_kept_however_long_nothing_is_sent) {
  test::MemoryServer& broker = start_one_broker({.transaction_topics = {"orders"}});
  network.advance(std::chrono::hours(5));
  broker->crash(seconds(5), testbroker::Memory::kept);
  network.advance(minutes(2));
  EXPECT_EQ(broker->clients().producer_connections("simulated").size(), 1u);
}

TEST_F(TransactionCheckTest, producer_without_transactions_is_not_asked) {
  test::MemoryServer& broker = start_one_broker();
  ASSERT_TRUE(send(1).ok());
  settle();
  poll().reset();
  begin(2).reset();
  producer->abandon();
  settle();
  // Another one of the group, on the same runtime, that knows of no transaction.
  producer = std::make_shared<Producer>(host, ProducerOptions{.group = "simulated"}, queue);
  ASSERT_TRUE(producer->start().ok());
  ASSERT_TRUE(send(3).ok());
  settle();
  poll().reset();
  network.advance(minutes(2));
  EXPECT_GE(broker->state().half_messages.asked(), 1u);
  EXPECT_FALSE(poll());
}

TEST_F(TransactionCheckTest, check_of_another_group_is_ignored) {
  test::MemoryServer& broker = start_one_broker();
  begin(1).reset();
  testbroker::Message half = broker->store().messages(protocol::kHalfTopic).at(0);
  const std::size_t place = half.properties.find("simulated");
  ASSERT_NE(place, std::string::npos);
  half.properties.replace(place, 9, "strangers");
  half.topic = "orders";
  broker->state().half_messages.clear();
  const testbroker::Message& kept = broker->state().half_messages.add(std::move(half));
  ASSERT_EQ(kept.property("PGROUP"), "strangers");
  ASSERT_TRUE(broker->clients().producer_connections("strangers").empty());
  network.advance(minutes(2));
  EXPECT_FALSE(poll());
}

// The answer belongs to the connection of the question; the broker will ask on the next one.
TEST_F(TransactionCheckTest, answer_after_the_connection_is_lost_is_asked_for_again) {
  test::MemoryServer& broker = start_one_broker({.transaction_topics = {"orders"}});
  begin(1).reset();
  network.advance(seconds(31));
  OwnedEvent check = poll();
  ASSERT_TRUE(is_check(check));
  broker->cut_connections();
  settle();
  EXPECT_EQ(answer(check, AnswerKind::commit), ErrorCode::OK);
  network.advance(seconds(1));
  EXPECT_TRUE(delivered().empty());
  network.advance(minutes(2));
  EXPECT_FALSE(poll()) << "the producer answers by itself";
  EXPECT_EQ(delivered(), Bodies{body_of(1)});
}

TEST_F(TransactionCheckTest, queue_that_is_given_up_leaves_the_transaction_to_the_broker) {
  test::MemoryServer& broker = start_one_broker();
  begin(1).reset();
  network.advance(seconds(31));
  EXPECT_EQ(queue->size(), 1u);
  queue->abandon();
  network.advance(seconds(61));
  EXPECT_GE(broker->state().half_messages.asked(), 3u) << "each question is taken and dropped";
  EXPECT_TRUE(delivered().empty());
}

TEST_F(TransactionCheckTest, close_withdraws_checks_and_makes_those_with_the_user_stale) {
  start_one_broker();
  begin(1).reset();
  begin(2).reset();
  network.advance(seconds(31));
  OwnedEvent taken = poll();
  ASSERT_TRUE(is_check(taken));
  ASSERT_TRUE(producer->close_async(seconds(1), {.token = 99}).ok());
  settle();
  OwnedEvent closed = poll();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->type(), event::EventType::closed);
  EXPECT_FALSE(poll());
  EXPECT_EQ(answer(taken, AnswerKind::commit), ErrorCode::STALE);
}

TEST_F(TransactionCheckTest, no_more_than_a_bounded_number_waits) {
  test::MemoryServer& broker = start_one_broker();
  constexpr std::uint64_t kHalves = 2010;
  for (std::uint64_t token = 1; token <= kHalves; ++token) {
    ASSERT_TRUE(send_half(token).ok());
    if (token % 100 != 0 && token != kHalves) continue;
    settle();
    while (OwnedEvent event = poll()) EXPECT_TRUE(event->parts().wants_answer);
  }
  network.advance(seconds(31));
  EXPECT_EQ(broker->state().half_messages.asked(), kHalves);
  EXPECT_EQ(queue->size(), 2000u);
  EXPECT_EQ(queue->dropped(), 10u);
  while (OwnedEvent check = poll()) EXPECT_EQ(answer(check, AnswerKind::commit), ErrorCode::OK);
  network.advance(seconds(30));
  EXPECT_EQ(queue->size(), 10u) << "the broker asks again";
  while (OwnedEvent check = poll()) EXPECT_EQ(answer(check, AnswerKind::commit), ErrorCode::OK);
  settle();
  EXPECT_EQ(delivered().size(), kHalves);
}

// The answer to a send was lost, and another broker took the message: two half messages of one id.
// Each ends where it is, by the one word of the user.
TEST_F(TransactionCheckTest, half_messages_of_one_send_at_two_brokers_both_end) {
  add_name_server(1);
  for (int n = 1; n <= 2; ++n) add_broker(n, {{.name = "orders", .write_queues = 1}});
  start();
  (*brokers[0])->script().on(RequestCode::SEND_MESSAGE_V2).nth(1).then(testbroker::fault::cut());
  OwnedEvent event;
  // Whichever broker is first in turn: the one whose answer is lost gets a send, the first or
  // second.
  for (std::uint64_t token = 1; (*brokers[0])->state().half_messages.size() == 0; ++token) {
    ASSERT_LE(token, 2u);
    if (event) answer(event, AnswerKind::rollback);
    ASSERT_TRUE(send_half(token).ok());
    network.advance(seconds(3));
    event = poll();
  }
  ASSERT_TRUE(event && event->parts().wants_answer);
  ASSERT_EQ(event->parts().send_result->broker_name, "broker-b");
  network.advance(seconds(31));
  OwnedEvent of_a;
  while (OwnedEvent check = poll()) {
    if (!of_a) of_a = std::move(check);
  }
  EXPECT_TRUE(of_a) << "the broker whose answer was lost asks";
  EXPECT_EQ(answer(event, AnswerKind::rollback), ErrorCode::OK);
  network.advance(seconds(61));
  for (const auto& broker : brokers) EXPECT_EQ((*broker)->state().half_messages.size(), 0u);
  EXPECT_TRUE(delivered().empty());
}

// What the network says is not trusted.
TEST_F(TransactionCheckTest, check_that_cannot_be_read_does_no_harm) {
  test::MemoryServer& broker = start_one_broker();
  begin(1).reset();
  const auto connections = broker->clients().producer_connections("simulated");
  ASSERT_EQ(connections.size(), 1u);
  for (const char* body : {"", "no message", "\x00\x00\x00\x08half"}) {
    wire::Command command;
    command.code = static_cast<std::int32_t>(RequestCode::CHECK_TRANSACTION_STATE);
    command.flag = wire::kFlagOneway;
    command.body = body;
    broker->push(connections[0], command);
  }
  settle();
  EXPECT_FALSE(poll());
  EXPECT_EQ(broker->connection_count(), 1u);
}

}  // namespace
}  // namespace rmq::producer::testing
