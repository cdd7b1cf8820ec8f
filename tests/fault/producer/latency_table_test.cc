// Brokers that were slow or failed are avoided, asked, used again and forgotten.
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

class LatencyTableTest : public ClusterTest {
 protected:
  void make_cluster(int broker_count, bool avoids_slow) {
    add_name_server(1);
    for (int n = 1; n <= broker_count; ++n) add_broker(n, {{.name = "orders"}});
    ProducerOptions options;
    options.avoids_slow_brokers = avoids_slow;
    start("10.0.1.1:9876", options);
    ASSERT_TRUE(send(next_token_++).ok());  // for the route
    advance(100ms);
  }
  testbroker::Rule& on(std::size_t broker, RequestCode code) {
    return (*brokers[broker])->script().on(code);
  }
  testbroker::Rule& on_send(std::size_t broker) { return on(broker, RequestCode::SEND_MESSAGE_V2); }
  const LatencyTable& table() { return producer->router().latencies(); }
  // How often each broker stored one of 16 sends, which end within the step.
  std::map<std::string, int> uses() {
    const std::uint64_t first = next_token_;
    for (int i = 0; i < 16; ++i) EXPECT_TRUE(send(next_token_++).ok());
    advance(20ms);
    std::map<std::string, int> count;
    for (std::uint64_t token = first; token < next_token_; ++token)
      if (ends.contains(token)) ++count[ends[token].broker_name];
    return count;
  }
  // One try at each broker.
  void send_to_all() {
    for (int i = 0; i < 16; ++i) EXPECT_TRUE(send(next_token_++).ok());
  }

  std::uint64_t next_token_ = 0;
};

TEST_F(LatencyTableTest, avoids_a_slow_broker_for_the_time_of_its_latency) {
  make_cluster(2, true);
  on_send(0).first(1).then(fault::delay(600ms));
  send_to_all();
  advance(700ms);
  ASSERT_TRUE(table().has_faults());
  EXPECT_EQ(uses()["broker-a"], 0) << "two seconds for 550 ms and more";
  advance(1700ms);
  EXPECT_EQ(uses()["broker-a"], 0);
  advance(300ms);
  EXPECT_EQ(uses()["broker-a"], 8);
  advance(3s);
  EXPECT_FALSE(table().has_faults()) << "and costs sending threads nothing any more";
}

TEST_F(LatencyTableTest, leaves_a_slow_broker_its_share_unless_the_option_says_otherwise) {
  make_cluster(2, false);
  on_send(0).first(8).then(fault::delay(900ms));
  on_send(1).first(1).then(fault::error(2, "busy"));
  send_to_all();
  advance(1s);
  EXPECT_FALSE(table().has_faults());
  EXPECT_EQ(uses(), (std::map<std::string, int>{{"broker-a", 8}, {"broker-b", 8}}));
}

TEST_F(LatencyTableTest, avoids_a_broker_that_says_it_is_ill_and_not_one_that_refuses_a_topic) {
  make_cluster(3, true);
  on_send(0).first(1).then(fault::error(2, "busy"));
  on_send(1).first(1).then(fault::error(16, "no permission"));
  uses();
  auto after = uses();
  EXPECT_EQ(after["broker-a"], 0);
  EXPECT_EQ(after["broker-b"], 8);
  EXPECT_EQ(after["broker-c"], 8);
  advance(9800ms);
  EXPECT_EQ(uses()["broker-a"], 0) << "ten seconds";
  advance(300ms);
  EXPECT_GT(uses()["broker-a"], 0);
}

TEST_F(LatencyTableTest, uses_all_brokers_when_all_are_slow) {
  make_cluster(2, true);
  for (std::size_t broker : {0, 1}) on_send(broker).first(1).then(fault::delay(600ms));
  send_to_all();
  advance(700ms);
  ASSERT_EQ(table().faulty(), 2u);
  EXPECT_EQ(uses(), (std::map<std::string, int>{{"broker-a", 8}, {"broker-b", 8}}));
}

TEST_F(LatencyTableTest, prefers_a_reachable_broker_when_none_is_available) {
  make_cluster(2, true);
  (*brokers[0])->script().on_any().then(fault::drop_request());
  on_send(1).first(8).then(fault::delay(1900ms));
  send_to_all();
  advance(2s);
  ASSERT_EQ(table().faulty(), 2u);
  EXPECT_EQ(uses(), (std::map<std::string, int>{{"broker-b", 16}}));
}

TEST_F(LatencyTableTest, rests_longer_after_each_time_out_and_at_last_ten_seconds) {
  make_cluster(2, false);
  const testbroker::Rule& tried = on_send(0).then(fault::drop_request());
  std::vector<std::int64_t> rests;
  base::Instant begin = network.now();
  std::uint64_t seen = 0;
  while (rests.size() < 6) {
    ASSERT_TRUE(send(next_token_++).ok());
    advance(50ms);
    if (tried.seen() == seen) continue;
    // The first send after the rest; those of the second in which it is tried follow.
    rests.push_back(base::to_ms(network.now() - begin) / 1000);
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(send(next_token_++).ok());
      advance(50ms);
    }
    advance(1100ms);
    seen = tried.seen();
    begin = network.now();
  }
  rests.erase(rests.begin());
  EXPECT_EQ(rests, (std::vector<std::int64_t>{2, 4, 8, 10, 10}));
}

TEST_F(LatencyTableTest, asks_an_unreachable_broker_every_three_seconds_until_it_answers) {
  make_cluster(2, true);
  on_send(0).first(8).then(fault::drop_request());
  const testbroker::Rule& asked =
      on(0, RequestCode::GET_MAX_OFFSET).first(3).then(fault::drop_request());
  send_to_all();
  advance(1100ms);
  ASSERT_EQ(table().faulty(), 1u);
  EXPECT_EQ(asked.seen(), 0u);
  advance(3s);
  EXPECT_EQ(asked.seen(), 1u);
  advance(6s);
  EXPECT_EQ(asked.seen(), 3u);
  advance(20s);
  EXPECT_EQ(asked.seen(), 4u) << "the fourth was answered";
  EXPECT_FALSE(table().has_faults());
}

TEST_F(LatencyTableTest, forgets_a_broker_that_left_the_routes) {
  make_cluster(3, false);
  (*brokers[0])->script().on_any().then(fault::drop_request());
  const testbroker::Rule& asked = on(0, RequestCode::GET_MAX_OFFSET);
  send_to_all();
  advance(1100ms);
  ASSERT_EQ(table().faulty(), 1u);
  (*brokers[0])->leave_routes();
  advance(40s);  // a route is asked for again
  uses();        // snapshots of the old one go
  advance(4s);
  EXPECT_FALSE(table().has_faults());
  const std::uint64_t seen = asked.seen();
  advance(30s);
  EXPECT_EQ(asked.seen(), seen);
}

TEST_F(LatencyTableTest, closes_while_a_question_is_under_way) {
  make_cluster(2, false);
  (*brokers[0])->script().on_any().then(fault::drop_request());
  send_to_all();
  advance(1100ms);
  advance(3s - 50ms);
  ASSERT_TRUE(producer->close_async(100ms, {.token = 99}).ok());
  advance(1s);
  EXPECT_EQ(others, std::vector<event::EventType>{event::EventType::closed});
}

// Through a route, as the table is asked for items.
TEST_F(LatencyTableTest, does_not_grow_with_brokers_that_come_and_go) {
  make_cluster(2, false);
  LatencyTable table(*host, false);
  cluster::EndpointPtr endpoint =
      host->core().endpoints().intern(transport::HostPort::parse("10.0.0.1:10911").take_value());
  const auto kept = table.item("kept", *endpoint);
  for (int n = 0; n < 1000; ++n) table.item("broker-" + std::to_string(n), *endpoint);
  EXPECT_EQ(table.item("kept", *endpoint), kept);
  EXPECT_LT(table.size(), 40u);
}

}  // namespace
}  // namespace rmq::producer::testing
