// Sends that wait for a route: they end like all others, once, in time, in order.
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using base::Outcome;
using namespace std::chrono_literals;

class ParkTest : public ClusterTest {
 protected:
  static constexpr std::uint64_t kSends = 1000;

  void park_all(base::Duration timeout = 10s) {
    for (std::uint64_t token = 0; token < kSends; ++token) ASSERT_TRUE(send(token, timeout).ok());
    advance(20ms);
    ASSERT_TRUE(ends.empty());
    ASSERT_EQ(producer->inflight(), static_cast<std::int64_t>(kSends));
  }
};

TEST_F(ParkTest, what_is_parked_is_written_in_order_when_the_route_comes) {
  add_broker(1, {{.name = "orders", .read_queues = 1, .write_queues = 1}});
  start();
  park_all();
  add_name_server(1);
  advance(3s);
  EXPECT_EQ(count_ok(), kSends);
  const auto messages = (*brokers[0])->store().messages("orders");
  ASSERT_EQ(messages.size(), kSends);
  std::uint64_t token = 0;
  for (const auto& message : messages) EXPECT_EQ(message.body, body_of(token++));
}

TEST_F(ParkTest, the_round_robin_reaches_parked_sends_too) {
  add_broker(1, {{.name = "orders"}});
  add_broker(2, {{.name = "orders"}});
  start();
  park_all();
  add_name_server(1);
  advance(3s);
  EXPECT_EQ(count_ok(), kSends);
  EXPECT_EQ((*brokers[0])->store().messages("orders").size(), kSends / 2);
}

TEST_F(ParkTest, closing_with_a_limit_ends_each_parked_send_once) {
  start();
  park_all();
  ASSERT_TRUE(producer->close_async(1s, {.token = 99}).ok());
  advance(900ms);
  EXPECT_TRUE(ends.empty());
  advance(200ms);
  ASSERT_EQ(ends.size(), kSends);
  for (const auto& [token, end] : ends) {
    EXPECT_EQ(end.code, ErrorCode::SHUTDOWN);
    EXPECT_EQ(end.outcome, Outcome::not_applied);
  }
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others[0], event::EventType::closed);
}

TEST_F(ParkTest, a_close_cuts_short_a_send_that_arrives_after_it_began) {
  start();
  ASSERT_TRUE(send(1, 60s).ok());  // accepted, and not seen by the loop yet
  producer->begin_close(network.now() + 1s);
  advance(900ms);
  EXPECT_TRUE(ends.empty());
  advance(200ms);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[1].code, ErrorCode::SHUTDOWN);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
}

TEST_F(ParkTest, a_close_waits_for_parked_sends_that_find_their_way) {
  add_broker(1, {{.name = "orders"}});
  start();
  park_all();
  ASSERT_TRUE(producer->close_async(8s, {.token = 99}).ok());
  advance(100ms);
  add_name_server(1);
  advance(4s);
  EXPECT_EQ(count_ok(), kSends);
  EXPECT_EQ(others.size(), 1u);
}

TEST_F(ParkTest, cancelling_ends_that_send_only) {
  add_broker(1, {{.name = "orders"}});
  start();
  park_all();
  for (std::uint64_t token = 0; token < kSends; token += 2) {
    ASSERT_TRUE(producer->cancel(token).ok());
  }
  advance(20ms);
  ASSERT_EQ(ends.size(), kSends / 2);
  for (const auto& [token, end] : ends) {
    EXPECT_EQ(end.code, ErrorCode::CANCELLED);
    EXPECT_EQ(end.outcome, Outcome::not_applied);
  }
  add_name_server(1);
  advance(3s);
  EXPECT_EQ(ends.size(), kSends);
  EXPECT_EQ(count_ok(), kSends / 2);
  expect_true_outcomes(kSends);
}

TEST_F(ParkTest, a_flush_waits_for_parked_sends) {
  add_broker(1, {{.name = "orders"}});
  start();
  park_all();
  ASSERT_TRUE(producer->flush_async(8s, 99, nullptr).ok());
  advance(500ms);
  EXPECT_TRUE(others.empty());
  add_name_server(1);
  advance(3s);
  EXPECT_EQ(count_ok(), kSends);
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others[0], event::EventType::flushed);
}

TEST_F(ParkTest, each_parked_send_keeps_its_own_deadline) {
  start();
  for (std::uint64_t token = 0; token < 100; ++token) {
    ASSERT_TRUE(send(token, base::milliseconds(2000 - 10 * token)).ok());
  }
  advance(2100ms);
  ASSERT_EQ(ends.size(), 100u);
  for (const auto& [token, end] : ends) {
    EXPECT_GE(end.after, base::milliseconds(2000 - 10 * token));
    EXPECT_LE(end.after, base::milliseconds(2020 - 10 * token));
    EXPECT_EQ(end.code, ErrorCode::NO_NAMESERVER);
    EXPECT_EQ(end.outcome, Outcome::not_applied);
  }
}

TEST_F(ParkTest, parked_sends_hold_their_room) {
  ProducerOptions options;
  options.inflight_max = 10;
  start("10.0.1.1:9876", options);
  for (std::uint64_t token = 0; token < 10; ++token) ASSERT_TRUE(send(token).ok());
  advance(20ms);
  EXPECT_EQ(send(10).code(), ErrorCode::QUEUE_FULL);
}

TEST_F(ParkTest, a_topic_that_does_not_exist_fails_what_is_parked_and_asks_once_a_second) {
  add_name_server(1);
  start();
  for (std::uint64_t token = 0; token < 1000; ++token) {
    ASSERT_TRUE(send(token).ok());
    advance(10ms);
  }
  advance(2s);
  ASSERT_EQ(ends.size(), 1000u);
  for (const auto& [token, end] : ends) {
    EXPECT_EQ(end.code, ErrorCode::NO_ROUTE);
    EXPECT_LE(end.after, 1050ms);
  }
  // Both the topic and the default topic are asked for.
  EXPECT_LE((*name_servers[0])->counts().requests, 2u * 13);
}

TEST_F(ParkTest, a_producer_dropped_with_parked_sends_leaves_nothing_behind) {
  start();
  park_all();
  producer->abandon();
  advance(20ms);
  EXPECT_EQ(ends.size(), kSends);
}

TEST_F(ParkTest, a_runtime_closed_with_parked_sends_ends_each_once) {
  start();
  park_all();
  host->close();
  take_events();
  EXPECT_EQ(ends.size(), kSends);
}

}  // namespace
}  // namespace rmq::producer::testing
