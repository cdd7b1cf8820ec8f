// Two brokers that are restarted one after the other under load: what the members of a group get
// twice, and what they get at all.
#include <cstdio>

#include "tests/fault/consumer/group_world.h"
#include "tests/support/memory_cluster.h"

namespace rmq::consumer {
namespace {

using namespace testing;

constexpr int kMessages = 9000;
// Queues of a broker that stays away for long are given up. Each pull commits what was answered
// before, so that one message of a queue may come again: a tenth of the 2 % that are promised.
constexpr int kTwiceMax = kMessages / 500;

struct Restart {
  const char* name;
  bool leaves_routes;   // the NameServers notice at once
  base::Duration away;  // each broker
};

class RollingRestartTest : public ::testing::TestWithParam<Restart> {
 protected:
  RollingRestartTest() {
    for (int i = 0; i < 3; ++i) {
      auto member = std::make_unique<SimulatedMember>(network, "10.0.9." + std::to_string(1 + i),
                                                      "10.0.0.1:9876", make_options());
      EXPECT_TRUE(member->consumer->subscribe(kTopic, FilterType::tag, "").ok());
      EXPECT_TRUE(member->consumer->start().ok());
      members.push_back(std::move(member));
      network.advance(7s);  // polls of routes and members are apart
    }
  }
  ~RollingRestartTest() override {
    for (auto& member : members) {
      member->consumer->abandon();
      EXPECT_TRUE(member->host->close());
    }
  }
  static testbroker::ServerOptions make_server_options() {
    testbroker::ServerOptions options;
    options.topics = {{.name = kTopic, .read_queues = 4, .write_queues = 4}};
    return options;
  }
  static ConsumerOptions make_options() {
    ConsumerOptions options;
    options.group = kGroup;
    options.consume_from_where = protocol::ConsumeFromWhere::first_offset;
    return options;
  }

  // 100 messages a second to whoever is up, answered at once.
  void run_for(base::Duration time) {
    for (base::Duration done{0}; done < time; done += 10ms) {
      if (stored < kMessages) store_one();
      network.advance(10ms);
      for (auto& member : members) {
        for (const std::string& body : member->consume()) ++deliveries[body];
      }
      count_double_holding(10ms);
    }
  }
  void store_one() {
    for (std::size_t i = 0; i < 2; ++i) {
      auto& server = cluster.broker((static_cast<std::size_t>(stored) + i) % 2);
      if (!server->is_up()) continue;
      testbroker::Message message;
      message.topic = kTopic;
      message.queue_id = stored / 2 % 4;
      message.body = std::to_string(stored++);
      server->state().append(std::move(message));
      return;
    }
  }
  void count_double_holding(base::Duration step) {
    std::map<protocol::MessageQueue, int> holders;
    for (const auto& member : members) {
      for (const ProcessQueue* queue : member->consumer->queues()) ++holders[queue->queue()];
    }
    for (const auto& [queue, count] : holders) {
      if (count > 1) double_holding += step;
    }
  }
  void restart(std::size_t index) {
    cluster.broker(index)->crash(GetParam().away, testbroker::Memory::kept);
    if (GetParam().leaves_routes) cluster.broker(index)->leave_routes();
  }

  transport::MemoryNetwork network{1};
  test::MemoryCluster cluster{network, 2, make_server_options()};
  std::vector<std::unique_ptr<SimulatedMember>> members;
  std::map<std::string, int> deliveries;
  base::Duration double_holding{0};
  int stored = 0;
};

TEST_P(RollingRestartTest, delivers_everything_and_next_to_nothing_twice) {
  run_for(10s);
  restart(0);
  run_for(GetParam().away + 20s);
  restart(1);
  run_for(GetParam().away + 60s);
  ASSERT_EQ(stored, kMessages);
  int twice = 0;
  for (const auto& [body, count] : deliveries) twice += count - 1;
  std::printf("%s: %d of %d delivered twice, queues held by two for %lld ms in all\n",
              GetParam().name, twice, kMessages,
              static_cast<long long>(base::to_ms(double_holding)));
  EXPECT_EQ(deliveries.size(), static_cast<std::size_t>(kMessages));
  EXPECT_LE(twice, kTwiceMax);
}

INSTANTIATE_TEST_SUITE_P(Of, RollingRestartTest,
                         ::testing::Values(Restart{"short_and_unnoticed", false, 10s},
                                           Restart{"short_and_noticed", true, 10s},
                                           Restart{"long_and_unnoticed", false, 45s},
                                           Restart{"long_and_noticed", true, 45s}),
                         [](const auto& restart) { return restart.param.name; });

}  // namespace
}  // namespace rmq::consumer
