// Transactions on real brokers that ask soon: what is committed is consumed once, by us and by the
// official client, and either answers for the other.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

// Brokers 5.x look at ends up to three seconds late, and ask about what has ended within them.
constexpr const char* kEagerBroker =
    "--property transactionTimeOut=4000 --property transactionCheckInterval=5000";
// The group of RoutedProducer; the peer joins it under this name.
constexpr const char* kGroup = "abi_tests";
constexpr std::int64_t kCheckWaitMs = 60'000;
using Bodies = std::multiset<std::string>;

class Transaction : public testing::Test {
 protected:
  Transaction() { peer.run("topic orders 2"); }

  abi::Event begin(RoutedProducer& producer, const std::string& body) {
    const abi::Message message = make_message("orders", body);
    rmq_event_t* event = nullptr;
    std::string words;
    EXPECT_EQ(abi::code_of(
                  [&](rmq_error_t** error) {
                    return rmq_producer_send(producer.producer.get(), message.get(), nullptr,
                                             RMQ_FLAG_TRANSACTION, abi::kLongMs, &event, error);
                  },
                  &words),
              RMQ_OK)
        << words;
    EXPECT_TRUE(event && abi::view_of(event).wants_answer);
    return abi::Event(event);
  }
  // The next check, and the body of its message.
  static abi::Event next_check(RoutedProducer& producer, std::string* body) {
    while (abi::Event event = abi::poll(producer.events.get(), kCheckWaitMs)) {
      if (abi::view_of(event).event_type != RMQ_EVENT_TRANSACTION_CHECK) continue;
      rmq_message_view_t message{};
      EXPECT_EQ(rmq_event_messages(event.get(), 0, &message, sizeof message, 1), 1u);
      *body = std::string(static_cast<const char*>(message.body), message.body_bytes);
      EXPECT_STREQ(message.topic, "orders") << "the topic that it was sent to";
      return event;
    }
    return nullptr;
  }
  static void expect_answered(const abi::Event& event, std::int32_t with) {
    EXPECT_EQ(answer(event, with, 0), RMQ_OK);
  }

  OwnServers servers{1, kEagerBroker};
  JavaPeer peer{servers};
};

TEST_F(Transaction, ends_as_it_is_answered_for_us_and_for_the_java_client) {
  GroupMember ours(servers, "orders", "ours");
  peer.run("consume orders java");
  RoutedProducer producer(servers);
  expect_answered(begin(producer, "committed"), RMQ_ANSWER_COMMIT);
  expect_answered(begin(producer, "rolled back"), RMQ_ANSWER_ROLLBACK);
  expect_answered(begin(producer, "unknown at first"), RMQ_ANSWER_UNKNOWN);
  begin(producer, "destroyed").reset();
  Bodies asked;
  for (int i = 0; i < 2; ++i) {
    std::string body;
    const abi::Event check = next_check(producer, &body);
    ASSERT_TRUE(check);
    asked.insert(body);
    expect_answered(check, body == "destroyed" ? RMQ_ANSWER_ROLLBACK : RMQ_ANSWER_COMMIT);
  }
  EXPECT_EQ(asked, (Bodies{"unknown at first", "destroyed"}));
  EXPECT_EQ(bodies_of(ours.consume(2)), (Bodies{"committed", "unknown at first"}));
  Bodies of_java;
  for (int i = 0; i < 2; ++i) of_java.insert(peer.next_message().sha256);
  EXPECT_EQ(of_java, (Bodies{sha256_of("committed"), sha256_of("unknown at first")}));
  EXPECT_FALSE(peer.poll_message(std::chrono::seconds(3)));
}

// A large compressed body comes back in the check as it was sent.
TEST_F(Transaction, client_that_has_sent_nothing_answers_for_one_that_is_gone) {
  const std::string body(100'000, 'x');
  {
    RoutedProducer first(servers);
    begin(first, body).reset();
  }
  RoutedProducer second(servers, {{"transaction_topics", "orders"}},
                        {{"heartbeat_broker_interval", "1000"}});
  std::string asked;
  const abi::Event check = next_check(second, &asked);
  ASSERT_TRUE(check);
  EXPECT_EQ(asked, body);
  expect_answered(check, RMQ_ANSWER_COMMIT);
  GroupMember member(servers, "orders", "ours");
  EXPECT_EQ(bodies_of(member.consume(1)), Bodies{body});
}

// The broker has stored the half message anew for each of its questions.
TEST_F(Transaction, slow_local_transaction_is_committed_once) {
  RoutedProducer producer(servers);
  const abi::Event event = begin(producer, "slow");
  std::string body;
  const abi::Event check = next_check(producer, &body);
  ASSERT_TRUE(check);
  EXPECT_EQ(body, "slow");
  expect_answered(event, RMQ_ANSWER_COMMIT);
  // As long as the broker would ask and get another copy committed.
  while (abi::Event again = abi::poll(producer.events.get(), 12'000)) {
    if (abi::view_of(again).event_type == RMQ_EVENT_TRANSACTION_CHECK)
      answer(again, RMQ_ANSWER_COMMIT, 0);
  }
  GroupMember member(servers, "orders", "ours");
  EXPECT_EQ(bodies_of(member.consume(1)), Bodies{"slow"});
}

TEST_F(Transaction, java_client_and_ours_answer_for_each_other) {
  GroupMember member(servers, "orders", "ours");
  // Theirs, checked by us.
  peer.run(std::string("transact orders ") + kGroup + " 1 unknown");
  peer.run(std::string("transact-leave ") + kGroup);
  {
    RoutedProducer producer(servers, {{"transaction_topics", "orders"}});
    std::string body;
    const abi::Event check = next_check(producer, &body);
    ASSERT_TRUE(check);
    EXPECT_EQ(body, "java half 0");
    expect_answered(check, RMQ_ANSWER_COMMIT);
    EXPECT_EQ(bodies_of(member.consume(1)), Bodies{"java half 0"});
  }
  // Ours, checked by them.
  std::string id;
  {
    RoutedProducer producer(servers);
    const abi::Event event = begin(producer, "ours");
    id = abi::view_of(event).message_id;
  }
  peer.run("transact-verdict commit");
  peer.run(std::string("transact orders ") + kGroup + " 1 rollback");  // its group is known now
  EXPECT_EQ(bodies_of(member.consume(1)), Bodies{"ours"});
  const std::vector<PeerLine> checked = peer.run("transact-checked");
  ASSERT_GE(checked.size(), 1u);
  EXPECT_EQ(checked[0].at(1), id);
}

TEST_F(Transaction, broker_that_dies_between_half_and_commit_loses_nothing) {
  RoutedProducer producer(servers, {{"transaction_topics", "orders"}},
                          {{"heartbeat_broker_interval", "1000"}});
  const abi::Event event = begin(producer, "survives");
  servers.kill("broker-a");
  expect_answered(event, RMQ_ANSWER_COMMIT);
  std::this_thread::sleep_for(std::chrono::seconds(4));  // Nobody hears of it.
  servers.restart("broker-a");
  // The broker asks, and the producer gives the answer once more.
  GroupMember member(servers, "orders", "ours");
  EXPECT_EQ(bodies_of(member.consume(1)), Bodies{"survives"});
}

}  // namespace
}  // namespace rmq::test
