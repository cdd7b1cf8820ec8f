// What heartbeats cost: their text is written once for all brokers, and again when it changes.
#include <gtest/gtest.h>

#include "protocol/response_code.h"
#include "tests/support/memory_cluster.h"
#include "tests/support/simulated_host.h"

namespace rmq::client::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBrokers = 8;

class Group final : public Member, public cluster::RouteWatcher {
 public:
  explicit Group(ClientCore& core) : core_(core) {}

  void begin_close(base::Instant) noexcept override {
    core_.routes().unwatch("orders", *this);
    core_.on_member_closed(*this, 0);
  }
  void add_to_heartbeat(protocol::HeartbeatData* heartbeat) const override {
    protocol::ConsumerData consumer;
    consumer.group = "readers";
    consumer.subscriptions = subscriptions;
    heartbeat->consumers.push_back(std::move(consumer));
  }
  void on_route(const cluster::RoutePtr&) override {}
  void on_route_failure(std::string_view, const cluster::RoutePtr&, const base::Error&) override {}

  std::vector<protocol::SubscriptionData> subscriptions;

 private:
  ClientCore& core_;
};

class HeartbeatTest : public ::testing::TestWithParam<bool> {
 protected:
  HeartbeatTest() : host(network, "10.0.9.1", "10.0.0.1:9876", options()) {
    subscribe("orders", 1);
    host.core().add_member(group);
    host.core().routes().watch("orders", *group, cluster::RouteTable::Missing::is_failure);
    heartbeats().announce_change();
    network.advance(3s);
  }
  ~HeartbeatTest() override { EXPECT_TRUE(host.close()); }

  static CoreOptions options() {
    CoreOptions options;
    options.heartbeat_v2 = GetParam();
    return options;
  }
  static testbroker::ServerOptions server_options() {
    testbroker::ServerOptions options;
    options.topics = {{.name = "orders"}};
    return options;
  }
  Heartbeats& heartbeats() { return host.core().heartbeats(); }
  void subscribe(const std::string& topic, std::int64_t version) {
    protocol::SubscriptionData subscription;
    subscription.topic = topic;
    subscription.sub_version = version;
    group->subscriptions = {std::move(subscription)};
  }
  std::size_t count_brokers_that_know_the_group() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kBrokers; ++i)
      count += cluster.broker(i)->clients().find_consumers("readers") != nullptr ? 1 : 0;
    return count;
  }

  transport::MemoryNetwork network{1};
  test::MemoryCluster cluster{network, kBrokers, server_options()};
  test::SimulatedHost host;
  std::shared_ptr<Group> group = std::make_shared<Group>(host.core());
};

INSTANTIATE_TEST_SUITE_P(Versions, HeartbeatTest, ::testing::Bool());

TEST_P(HeartbeatTest, one_text_serves_all_brokers_in_all_rounds) {
  EXPECT_EQ(count_brokers_that_know_the_group(), kBrokers);
  EXPECT_EQ(heartbeats().texts_written(), 1u);
  network.advance(300s);
  // Brokers that know the second version are reminded in brief.
  EXPECT_LE(heartbeats().texts_written(), GetParam() ? 2u : 1u);
  EXPECT_EQ(count_brokers_that_know_the_group(), kBrokers);
}

TEST_P(HeartbeatTest, a_change_is_written_once_for_all) {
  const std::uint64_t before = heartbeats().texts_written();
  subscribe("bills", 2);
  heartbeats().announce_change();
  network.advance(1s);
  EXPECT_EQ(heartbeats().texts_written(), before + 1);
  subscribe("bills", 3);  // the same in the fingerprint's eyes, and another text
  heartbeats().announce_change();
  network.advance(1s);
  EXPECT_EQ(heartbeats().texts_written(), before + 2);
  heartbeats().announce_change();  // of nothing
  network.advance(1s);
  EXPECT_EQ(heartbeats().texts_written(), before + 2);
}

TEST_P(HeartbeatTest, a_broker_that_is_back_hears_the_text_that_is_there) {
  const std::uint64_t before = heartbeats().texts_written();
  cluster.broker(0)->crash(5s, testbroker::Memory::lost);
  network.advance(20s);
  EXPECT_EQ(count_brokers_that_know_the_group(), kBrokers);
  EXPECT_EQ(heartbeats().texts_written(), before);
}

}  // namespace
}  // namespace rmq::client::testing
