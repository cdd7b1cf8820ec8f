// What real servers refuse, as a user reads it: a topic that nobody made, a body above the broker's
// limit, and an SQL92 expression where the broker does not filter by properties.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

constexpr std::size_t kBrokerLimit = 65536;
constexpr const char* kOptions =
    "--property autoCreateTopicEnable=false --property maxMessageSize=65536"
    " --property enablePropertyFilter=false";

struct Refusal {
  std::int32_t code = RMQ_OK;
  std::int32_t outcome = -1;
  std::string message;
};

Refusal send(RoutedProducer& producer, const rmq_message_t* message,
             const rmq_destination_t* destination = nullptr) {
  const auto start = std::chrono::steady_clock::now();
  rmq_error_t* raw = nullptr;
  Refusal refusal;
  refusal.code =
      rmq_producer_send(producer.producer.get(), message, destination, 0, 0, nullptr, &raw);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const abi::Error error(raw);
  rmq_error_view_t view{};
  EXPECT_EQ(rmq_error_view(error.get(), &view, sizeof view), RMQ_OK);
  refusal.outcome = view.outcome;
  refusal.message = view.message;
  std::printf("%s after %.2f s: %s (%s)\n", rmq_name(RMQ_NAME_ERROR, refusal.code), took.count(),
              view.message, view.hint);
  EXPECT_LT(took.count(), 3.5);  // the default limit of a send, and a little
  return refusal;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class Refused : public testing::Test {
 protected:
  OwnServers servers{1, kOptions};
  RoutedProducer producer{servers};
};

TEST_F(Refused, is_a_topic_that_nobody_made_and_a_body_above_the_brokers_limit) {
  const Refusal absent = send(producer, make_message("absent", "hello").get());
  EXPECT_EQ(absent.code, RMQ_ERROR_NO_ROUTE);
  EXPECT_EQ(absent.outcome, RMQ_OUTCOME_NOT_APPLIED);
  EXPECT_TRUE(has(absent.message, "absent"));

  const abi::Destination broker = abi::make_destination(servers.brokers().front().address);
  const Refusal unknown = send(producer, make_message("absent", "hello").get(), broker.get());
  EXPECT_EQ(unknown.code, RMQ_ERROR_TOPIC_MISSING);
  EXPECT_EQ(unknown.outcome, RMQ_OUTCOME_NOT_APPLIED);
  EXPECT_TRUE(has(unknown.message, "absent"));
  EXPECT_TRUE(has(unknown.message, servers.brokers().front().address));

  JavaPeer(servers).run("topic present 1");
  std::string large;
  for (std::uint32_t state = 1; large.size() < 2 * kBrokerLimit;) {
    state = state * 1664525 + 1013904223;  // does not compress
    large += static_cast<char>(state >> 24);
  }
  const Refusal too_large = send(producer, make_message("present", large).get());
  EXPECT_EQ(too_large.code, RMQ_ERROR_BROKER_MESSAGE_ILLEGAL);
  EXPECT_EQ(too_large.outcome, RMQ_OUTCOME_NOT_APPLIED);
  EXPECT_TRUE(has(too_large.message, servers.brokers().front().address));
  producer.send("present", "small enough");
}

TEST_F(Refused, is_nothing_to_a_consumer_whose_topic_is_made_later) {
  GroupMember member(servers, "later", "group_of_later");
  EXPECT_FALSE(member.next(1500));
  EXPECT_EQ(member.errors, std::vector<std::int32_t>{RMQ_ERROR_NO_ROUTE}) << "a user is told why";
  JavaPeer(servers).run("topic later 1");
  const auto made = std::chrono::steady_clock::now();
  producer.send("later", "at last");
  const abi::Event delivery = member.next();
  ASSERT_TRUE(delivery);
  std::printf("consumed %.2f s after the topic was made\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - made).count());
  EXPECT_EQ(messages_of(delivery).at(0).body, "at last");
  EXPECT_EQ(answer(delivery), RMQ_OK);
  EXPECT_EQ(member.close(), RMQ_OK);
}

TEST_F(Refused, is_an_expression_where_the_broker_does_not_filter_by_properties) {
  JavaPeer(servers).run("topic filtered 1");
  GroupMember member(servers, "filtered", "group_of_filtered", {}, {},
                     {.type = RMQ_EXPRESSION_SQL92, .expression = "price > 5"});
  producer.send("filtered", "hello");
  EXPECT_EQ(member.next_error(), RMQ_ERROR_FILTER_REJECTED);
  EXPECT_EQ(member.close(), RMQ_OK);
}

}  // namespace
}  // namespace rmq::test
