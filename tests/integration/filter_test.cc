// SQL92 expressions, which real brokers evaluate: what arrives, and what a user hears of an
// expression that no broker understands.
#include <gmock/gmock.h>
#include <unistd.h>

#include <set>
#include <string>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

class FilterSql : public testing::Test {
 protected:
  void SetUp() override {
    topic = "filter_" + std::to_string(::getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    peer.run("topic " + topic + " 2");
  }
  GroupMember make_member(const std::string& expression) {
    return GroupMember(servers, topic, "group_of_" + topic, {}, {},
                       {.type = RMQ_EXPRESSION_SQL92, .expression = expression});
  }
  void send(RoutedProducer& sender, int price, const char* color) {
    const abi::Message message = test::make_message(topic, std::to_string(price));
    const std::string text = std::to_string(price);
    EXPECT_EQ(rmq_message_set_property(message.get(), "price", SIZE_MAX, text.data(), text.size(),
                                       nullptr),
              RMQ_OK);
    EXPECT_EQ(rmq_message_set_property(message.get(), "color", SIZE_MAX, color, SIZE_MAX, nullptr),
              RMQ_OK);
    EXPECT_TRUE(sender.send(message.get()));
  }

  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
  std::string topic;
};

TEST_F(FilterSql, lets_the_matching_messages_through_and_no_others) {
  RoutedProducer sender(servers);
  GroupMember member = make_member("price BETWEEN 3 AND 7 AND color <> 'red'");
  for (int price = 0; price < 10; ++price) send(sender, price, price % 2 == 0 ? "red" : "blue");
  EXPECT_EQ(bodies_of(member.consume(3)), (std::multiset<std::string>{"3", "5", "7"}));
  EXPECT_THAT(member.errors, testing::IsEmpty());
}

TEST_F(FilterSql, sees_the_properties_that_the_official_client_sets) {
  GroupMember member = make_member("farbe IN ('grün 1', 'grün 4')");
  peer.run("send " + topic + " 6");
  std::multiset<std::string> colors;
  for (const Received& message : member.consume(2)) colors.insert(message.properties.at("farbe"));
  EXPECT_EQ(colors, (std::multiset<std::string>{"grün 1", "grün 4"}));
}

TEST_F(FilterSql, is_replaced_while_the_consumer_runs) {
  RoutedProducer sender(servers);
  GroupMember member = make_member("price > 100");
  for (int price = 0; price < 4; ++price) send(sender, price, "red");
  EXPECT_TRUE(member.consume(0).empty());
  const std::string wider = "price >= 0";
  ASSERT_EQ(rmq_consumer_subscribe(member.consumer.get(), topic.data(), topic.size(),
                                   RMQ_EXPRESSION_SQL92, wider.data(), wider.size(), nullptr),
            RMQ_OK);
  // Messages that the old expression kept out are behind the offset already.
  for (int price = 4; price < 8; ++price) send(sender, price, "red");
  const auto bodies = bodies_of(member.consume(4));
  for (int price = 4; price < 8; ++price) EXPECT_EQ(bodies.count(std::to_string(price)), 1u);
}

TEST_F(FilterSql, that_no_broker_understands_is_told_at_the_start) {
  GroupMember member = make_member("price >>> 5");
  EXPECT_EQ(member.next_error(), RMQ_ERROR_FILTER_REJECTED);
  EXPECT_EQ(member.close(), RMQ_OK);
}

}  // namespace
}  // namespace rmq::test
