// Several brokers behind one NameServer.
#include "protocol/cluster_info.h"
#include "protocol/topic_route.h"
#include "tests/support/memory_cluster.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

using ::testing::ElementsAre;

class ClusterOfThree : public ::testing::Test {
 protected:
  ClusterOfThree() {
    ServerOptions options;
    options.topics.push_back({.name = "orders"});
    cluster_.emplace(network_, 3, options);
    nameserver_.emplace(host_, cluster_->nameserver().address());
  }
  wire::Command ask(test::RawClient& client, const wire::Command& request) {
    client.send(request);
    network_.advance(20ms);
    return *client.answer_to(request.opaque);
  }
  std::vector<std::string> brokers_of(std::string topic) {
    const auto answer = ask(*nameserver_, make_route_request(++opaque_, topic));
    if (answer.code != 0) return {};
    std::vector<std::string> names;
    const auto route = protocol::parse_topic_route(answer.body).take_value();
    for (const auto& broker : route.brokers) names.push_back(broker.broker_name);
    return names;
  }

  transport::MemoryNetwork network_{1};
  transport::MemoryLoop host_{network_, "10.9.0.1"};
  std::optional<test::MemoryCluster> cluster_;
  std::optional<test::RawClient> nameserver_;
  std::int32_t opaque_ = 0;
};

TEST_F(ClusterOfThree, is_in_the_routes_of_one_nameserver) {
  EXPECT_THAT(brokers_of("orders"), ElementsAre("broker-a", "broker-b", "broker-c"));
  EXPECT_THAT(brokers_of("TBW102"), ElementsAre("broker-a", "broker-b", "broker-c"));
}

TEST_F(ClusterOfThree, answers_the_question_for_the_cluster) {
  const auto answer = ask(*nameserver_, make_request(RequestCode::GET_BROKER_CLUSTER_INFO, 900));
  ASSERT_EQ(answer.code, 0);
  const auto info = protocol::parse_cluster_info(answer.body).take_value();
  EXPECT_THAT(info.clusters.at("DefaultCluster"), ElementsAre("broker-a", "broker-b", "broker-c"));
  EXPECT_EQ(info.brokers.at("broker-b").addresses.at(0), "10.0.1.2:10911");
  EXPECT_THAT(answer.body, ::testing::HasSubstr("{0:\"10.0.1.2:10911\"}"));
}

TEST_F(ClusterOfThree, creates_a_topic_on_the_broker_that_is_sent_to_and_there_only) {
  test::RawClient client(host_, cluster_->broker(1).address());
  EXPECT_EQ(ask(client, make_send(1, "x", "fresh")).code, 0);
  EXPECT_THAT(brokers_of("fresh"), ElementsAre("broker-b"));
}

TEST_F(ClusterOfThree, keeps_a_dead_broker_in_the_routes_until_told_otherwise) {
  cluster_->broker(0)->stop();
  EXPECT_THAT(brokers_of("orders"), ElementsAre("broker-a", "broker-b", "broker-c"));
  cluster_->broker(0)->leave_routes();
  EXPECT_THAT(brokers_of("orders"), ElementsAre("broker-b", "broker-c"));
  ASSERT_TRUE(cluster_->broker(0)->start().ok());
  EXPECT_THAT(brokers_of("orders"), ElementsAre("broker-a", "broker-b", "broker-c"));
}

TEST_F(ClusterOfThree, has_brokers_that_know_nothing_of_each_other_s_messages_and_members) {
  test::RawClient one(host_, cluster_->broker(0).address());
  test::RawClient two(host_, cluster_->broker(1).address());
  ask(one, make_heartbeat(1, "c1", "g"));
  ask(one, make_send(2, "x"));
  EXPECT_EQ(cluster_->broker(1)->clients().find_consumers("g"), nullptr);
  EXPECT_EQ(cluster_->broker(1)->store().appended(), 0u);
  EXPECT_THAT(brokers_of("%RETRY%g"), ElementsAre("broker-a"));
}

TEST(BrokerNames, go_on_from_the_first) {
  EXPECT_EQ(name_broker("broker-a", 0), "broker-a");
  EXPECT_EQ(name_broker("broker-a", 25), "broker-z");
  EXPECT_EQ(name_broker("broker-a", 26), "broker-a-27");
  EXPECT_EQ(name_broker("mine", 1), "mine-2");
}

TEST(SilentClients, lose_their_connection_and_membership_after_two_minutes) {
  World world;
  auto& silent = world.connect();
  auto& lively = world.connect();
  auto& other = world.connect();  // never sent a heartbeat
  world.ask(silent, make_heartbeat(1, "c1", "g"));
  for (int i = 0; i < 5; ++i) {
    world.ask(lively, make_heartbeat(10 + i, "c2", "g"));
    world.run(30s);
  }
  EXPECT_FALSE(silent.is_open());
  EXPECT_TRUE(lively.is_open());
  EXPECT_TRUE(other.is_open());
  EXPECT_THAT((*world.server)->clients().client_ids("g"), ElementsAre("c2"));
}

}  // namespace
}  // namespace rmq::testbroker
