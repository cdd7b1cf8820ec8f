// Connections that are dead on the client's side only. Their broker keeps them for two minutes, and
// lists their members twice for so long; the other brokers do not.
#include <algorithm>

#include "tests/fault/consumer/group_world.h"
#include "tests/support/memory_cluster.h"

namespace rmq::consumer {
namespace {

using namespace testing;

constexpr int kQueuesPerBroker = 4;

class HalfOpenConnectionTest : public ::testing::Test {
 protected:
  HalfOpenConnectionTest() {
    for (int i = 0; i < 2; ++i) {
      auto member = std::make_unique<SimulatedMember>(network, "10.0.9." + std::to_string(1 + i),
                                                      "10.0.0.1:9876", make_options());
      EXPECT_TRUE(member->consumer->subscribe(kTopic, FilterType::tag, "").ok());
      EXPECT_TRUE(member->consumer->start().ok());
      members.push_back(std::move(member));
    }
    network.advance(5s);
  }
  ~HalfOpenConnectionTest() override {
    for (auto& member : members) {
      member->consumer->abandon();
      EXPECT_TRUE(member->host->close());
    }
  }
  static testbroker::ServerOptions make_server_options() {
    testbroker::ServerOptions options;
    options.topics = {
        {.name = kTopic, .read_queues = kQueuesPerBroker, .write_queues = kQueuesPerBroker}};
    return options;
  }
  static ConsumerOptions make_options() {
    ConsumerOptions options;
    options.group = kGroup;
    return options;
  }
  // The connections that bring the next pull to these brokers: each is of the member that holds the
  // broker's queues. Returns when the members are back over new ones.
  void kill_connections_to(const std::vector<std::size_t>& brokers) {
    for (const std::size_t i : brokers)
      cluster.broker(i)->script().on(RequestCode::PULL_MESSAGE).first(1).then(fault::go_dumb());
    const auto are_back = [&] {
      return std::all_of(brokers.begin(), brokers.end(), [&](std::size_t i) {
        return cluster.broker(i)->clients().client_ids(kGroup).size() == 3;
      });
    };
    EXPECT_TRUE(network.run_until(are_back, 60s));
  }
  std::set<protocol::MessageQueue> held(std::size_t member) const {
    std::set<protocol::MessageQueue> queues;
    for (const ProcessQueue* queue : members[member]->consumer->queues()) {
      if (queue->queue().topic == kTopic) queues.insert(queue->queue());
    }
    return queues;
  }
  // Each queue is held by one member.
  void expect_shared() const {
    std::set<protocol::MessageQueue> all = held(0);
    for (const auto& queue : held(1)) EXPECT_TRUE(all.insert(queue).second) << queue.queue_id;
    EXPECT_EQ(all.size(), 2U * kQueuesPerBroker);
  }

  // The first member keeps these queues, and each queue has one holder, for so long.
  void expect_no_move(const std::set<protocol::MessageQueue>& before, int seconds) {
    for (int second = 0; second < seconds; ++second) {
      network.advance(1s);
      EXPECT_EQ(held(0), before);
      expect_shared();
    }
  }

  transport::MemoryNetwork network{1};
  test::MemoryCluster cluster{network, 2, make_server_options()};
  std::vector<std::unique_ptr<SimulatedMember>> members;
};

TEST_F(HalfOpenConnectionTest, moves_no_queue_while_another_broker_lists_each_member_once) {
  const auto before = held(0);
  kill_connections_to({0});
  expect_no_move(before, 60);
}

TEST_F(HalfOpenConnectionTest, leaves_no_queue_to_nobody_when_each_broker_doubles_another_member) {
  kill_connections_to({0, 1});
  network.advance(3s);
  for (int i = 0; i < 60; ++i) {
    network.advance(1s);
    expect_shared();
  }
}

// One connection of one member is gone, and the other members hear of it first.
TEST_F(HalfOpenConnectionTest, moves_no_queue_while_another_broker_still_lists_the_member) {
  const auto before = held(0);
  for (std::size_t i = 0; i < 2; ++i) {
    auto& server = cluster.broker(i);
    const auto* client = server->clients().find(members[0]->host->client_id());
    ASSERT_NE(client, nullptr);
    // The member introduces itself at once, and is heard at its second attempt.
    server->script().on(RequestCode::HEART_BEAT).first(1).then(fault::drop_request());
    server->clients().remove_connection(client->connection);
    client::ClientCore& core = members[0]->host->core();
    core.heartbeats().renew(*core.endpoints().intern(server->address().to_text()));
    members[1]->consumer->on_consumer_ids_changed(kGroup);
    expect_no_move(before, 30);
  }
}

TEST_F(HalfOpenConnectionTest, shares_evenly_again_when_the_brokers_have_noticed) {
  kill_connections_to({0, 1});
  network.advance(4min);
  expect_shared();
  EXPECT_EQ(held(0).size(), 1U * kQueuesPerBroker);
}

}  // namespace
}  // namespace rmq::consumer
