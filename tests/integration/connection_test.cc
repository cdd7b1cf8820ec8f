// What an operator sees of a consumer: one client, however many connections it has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

constexpr std::size_t kQueuesPerBroker = 16;  // so that ours, a half of them, use every connection

class Connection : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(PoolSize, Connection, testing::Values(1, 5),
                         [](const auto& size) { return "of_" + std::to_string(size.param); });

TEST_P(Connection, lists_our_client_once_at_every_broker_beside_the_java_client) {
  const Servers servers = Servers::of_the_fixture();
  JavaPeer peer(servers);
  const std::string name =
      "connection_" + std::to_string(GetParam()) + "_" + std::to_string(::getpid());
  const std::string group = "group_of_" + name;
  peer.run("topic " + name + " " + std::to_string(kQueuesPerBroker));
  peer.run("consume " + name + " " + group);
  const std::size_t queues = kQueuesPerBroker * servers.brokers().size();
  ASSERT_EQ(peer.wait_for_queues(group, queues).size(), queues);

  const abi::Options options = {{"instance_name", name},
                                {"connection_pool_size", std::to_string(GetParam())}};
  GroupMember member(servers, name, group, {}, options);
  RoutedProducer producer(servers, {}, options);  // the same client id: a second process beside it
  ASSERT_EQ(peer.wait_for_queues(group, queues / 2).size(), queues / 2);
  std::set<std::string> ours;
  for (std::size_t sent = 0; ours.size() < queues / 2 && sent < 20 * queues; ++sent) {
    producer.send(name, "hello");
    while (const abi::Event delivery = member.next(5)) {
      ours.insert(origin_of(delivery).queue);
      EXPECT_EQ(answer(delivery), RMQ_OK);
    }
  }
  EXPECT_EQ(ours.size(), queues / 2);  // all of them pull

  std::map<std::string, std::multiset<std::string>> brokers;  // by client id
  std::string language;
  for (const PeerLine& line : peer.run("connection " + group)) {
    ASSERT_EQ(line.size(), 6U);
    brokers[line[2]].insert(line[1]);
    if (line[2] == "127.0.0.1@" + name) language = line[4];
  }
  std::multiset<std::string> all;
  for (const RealBroker& broker : servers.brokers()) all.insert(broker.name);
  EXPECT_EQ(brokers.size(), 2U);
  EXPECT_THAT(brokers, testing::Each(testing::Pair(testing::_, testing::Eq(all))));
  EXPECT_TRUE(brokers.contains("127.0.0.1@" + name));
  EXPECT_EQ(language, "CPP");

  EXPECT_EQ(member.close(), RMQ_OK);
  std::set<std::string> left;
  for (const PeerLine& line : peer.run("connection " + group)) left.insert(line.at(2));
  EXPECT_EQ(left.size(), 1U);
  EXPECT_FALSE(left.contains("127.0.0.1@" + name));
}

}  // namespace
}  // namespace rmq::test
