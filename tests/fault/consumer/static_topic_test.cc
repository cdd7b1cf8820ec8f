// Static topics: their queues are logical, each served by the broker that the route maps it to, and
// moved from broker to broker.
#include "tests/fault/consumer/group_world.h"
#include "tests/support/memory_cluster.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class StaticTopicTest : public ::testing::Test {
 protected:
  using Bodies = std::multiset<std::string>;

  StaticTopicTest() : network(1), cluster(network, 2, options_of_brokers()) {}
  ~StaticTopicTest() override {
    kept.clear();
    member->consumer->abandon();
    EXPECT_TRUE(member->host->close());
  }

  static testbroker::ServerOptions options_of_brokers() {
    testbroker::ServerOptions options;
    options.topics = {{.name = kTopic, .read_queues = 2, .write_queues = 2}};
    return options;
  }
  // Logical queue i is queue i of the broker with that index, by the name that brokers have.
  void map_queues(std::size_t first, std::size_t second) {
    const auto mapping = [this](std::size_t broker, const std::string& queues, int epoch) {
      const std::string& name = cluster.broker(broker)->options().broker_name;
      return "\"" + name + "\":{\"topic\":\"orders\",\"bname\":\"" + name +
             "\",\"scope\":\"__global__\",\"totalQueues\":2,\"epoch\":" + std::to_string(epoch) +
             ",\"dirty\":false,\"currIdMap\":{" + queues + "}}";
    };
    std::string mappings;
    if (first == second) {
      mappings = mapping(first, "\"0\":0,\"1\":1", 2) + "," + mapping(1 - first, "\"1\":1", 1);
    } else {
      mappings = mapping(first, "\"0\":0", 1) + "," + mapping(second, "\"1\":1", 1);
    }
    cluster.routes().set_queue_mappings(kTopic, "{" + mappings + "}");
  }
  void store(std::size_t broker, std::int32_t queue_id, const std::string& body) {
    testbroker::Message message;
    message.topic = kTopic;
    message.queue_id = queue_id;
    message.body = body;
    cluster.broker(broker)->store().append(std::move(message));
  }
  void start() {
    ConsumerOptions options;
    options.group = kGroup;
    member = std::make_unique<SimulatedMember>(network, "10.0.9.1", "10.0.0.1:9876", options);
    ASSERT_TRUE(member->consumer->subscribe(kTopic, FilterType::tag, "").ok());
    ASSERT_TRUE(member->consumer->start().ok());
    network.advance(5s);
  }

  transport::MemoryNetwork network;
  test::MemoryCluster cluster;
  std::unique_ptr<SimulatedMember> member;
  std::vector<EventPointer> kept;
};

TEST_F(StaticTopicTest, is_consumed_from_the_brokers_that_its_queues_are_mapped_to) {
  map_queues(0, 1);
  store(0, 0, "zero");
  store(1, 1, "one");
  store(1, 0, "not mapped");
  start();
  const auto bodies = member->consume();
  EXPECT_EQ(Bodies(bodies.begin(), bodies.end()), (Bodies{"zero", "one"}));
  for (const ProcessQueue* queue : member->consumer->queues()) {
    if (queue->queue().topic != kTopic) continue;
    EXPECT_EQ(queue->queue().broker_name, "__syslo__global__");
  }
  network.advance(6s);
  EXPECT_EQ(cluster.broker(0)->offsets().find(kGroup, kTopic, 0), 1);
  EXPECT_EQ(cluster.broker(1)->offsets().find(kGroup, kTopic, 1), 1);
}

TEST_F(StaticTopicTest, follows_a_queue_to_the_broker_of_the_newest_mapping) {
  map_queues(0, 1);
  start();
  map_queues(0, 0);
  store(0, 1, "moved");
  network.advance(60s);
  EXPECT_EQ(member->consume(), std::vector<std::string>{"moved"});
}

// The broker that a logical queue is with now may not be the one that stored the message.
TEST_F(StaticTopicTest, sends_back_by_the_retry_topic) {
  map_queues(0, 1);
  auto& send_backs = cluster.broker(0)->script().on(RequestCode::CONSUMER_SEND_MSG_BACK);
  send_backs.then(fault::delay(1ms));
  store(0, 0, "again");
  start();
  network.advance(40s);  // the retry topic was made by the heartbeat; its route is known by now
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::reconsume_later, .value = 1}).ok());
  network.advance(10s);
  EXPECT_EQ(member->consume(), std::vector<std::string>{"again"});
  EXPECT_EQ(send_backs.hits(), 0u);
}

}  // namespace
}  // namespace rmq::consumer
