// A producer's connections get lost: silently, refused, for long. How soon its sends go through
// again, and what they cost meanwhile.
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using base::Outcome;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

class LostConnectionTest : public ClusterTest {
 protected:
  using ClusterTest::ClusterTest;

  void make_cluster(int broker_count) {
    add_name_server(1);
    for (int n = 1; n <= broker_count; ++n) add_broker(n, {{.name = "orders"}});
    start();
    ASSERT_TRUE(send(1'000'000).ok());
    advance(100ms);
    ASSERT_EQ(count_ok(), 1u);
    ends.clear();
    order.clear();
    last_ok_ = network.now();
  }
  void silence(int broker) {
    for (const auto& connection : network.connections((*brokers[broker])->address())) {
      connection->go_silent();
    }
  }
  // As a caller of the blocking send does: the next one begins when the last has ended.
  void send_one_after_the_other(base::Duration for_so_long, base::Duration timeout = 3s) {
    const base::Instant until = network.now() + for_so_long;
    while (network.now() < until) {
      const std::uint64_t token = next_token_++;
      ASSERT_TRUE(send(token, timeout).ok());
      while (!ends.contains(token)) advance(5ms, 5ms);
      if (ends[token].code == ErrorCode::OK) note_ok();
      if (ends[token].after == 0ms) advance(5ms, 5ms);
    }
  }
  void note_ok() {
    longest_gap_ = std::max(longest_gap_, network.now() - last_ok_);
    last_ok_ = network.now();
  }
  std::size_t count_failed() const { return ends.size() - count_ok(); }

  std::uint64_t next_token_ = 1;
  base::Instant last_ok_{};
  base::Duration longest_gap_{};
};

TEST_F(LostConnectionTest, a_sender_of_one_message_at_a_time_loses_one_to_a_silent_connection) {
  make_cluster(1);
  silence(0);
  send_one_after_the_other(10s);
  EXPECT_EQ(count_failed(), 1U);
  EXPECT_EQ(ends[1].outcome, Outcome::maybe_applied);
  EXPECT_LE(longest_gap_, 3100ms);
}

TEST_F(LostConnectionTest, a_silent_connection_of_one_of_two_brokers_costs_no_message) {
  make_cluster(2);
  silence(0);
  send_one_after_the_other(10s);
  EXPECT_EQ(count_failed(), 0U);
  EXPECT_LE(longest_gap_, 1100ms);
  std::size_t slow = 0;
  for (const auto& [token, end] : ends) slow += end.after > 500ms;
  EXPECT_LE(slow, 3U) << "noticed as soon as by a broker's only sender";
}

TEST_F(LostConnectionTest, a_broker_that_is_slow_with_sends_keeps_its_connection) {
  make_cluster(1);
  (*brokers[0])->script().on(RequestCode::SEND_MESSAGE_V2).first(3).then(fault::delay(8s));
  ASSERT_TRUE(send(1, 10s).ok());
  ASSERT_TRUE(send(2, 3s).ok());
  ASSERT_TRUE(send(3, 3s).ok());
  advance(9s);
  EXPECT_EQ(ends[1].code, ErrorCode::OK) << ends[1].error.message;
  EXPECT_EQ(ends[2].code, ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(ends[3].code, ErrorCode::REQUEST_TIMEOUT);
  for (std::uint64_t token : {1, 2, 3}) EXPECT_EQ(stored_copies()[body_of(token)], 1);
  EXPECT_EQ((*brokers[0])->counts().connections, 1U);
}

// --- Outages ------------------------------------------------------------------------------------

enum class Away { refused, unheard };

class OutageTest : public LostConnectionTest,
                   public ::testing::WithParamInterface<std::tuple<int, Away>> {
 protected:
  base::Duration outage() const { return std::chrono::seconds(std::get<0>(GetParam())); }
  void leave(std::size_t broker) {
    if (std::get<1>(GetParam()) == Away::refused) {
      (*brokers[broker])->stop();
    } else {
      network.set_side(brokers[broker]->loop(), 1);
    }
  }
  void come_back(std::size_t broker) {
    if (std::get<1>(GetParam()) == Away::refused) {
      ASSERT_TRUE((*brokers[broker])->start().ok());
    } else {
      network.set_side(brokers[broker]->loop(), 0);
    }
  }
  remoting::Connection& connection(int broker) {
    return host->core().endpoints().intern(broker_address(broker + 1))->connection();
  }
};

TEST_P(OutageTest, of_the_only_broker_ends_for_senders_within_two_seconds) {
  make_cluster(1);
  leave(0);
  send_one_after_the_other(outage());
  come_back(0);
  const base::Instant back_at = network.now();
  const std::uint64_t first_after = next_token_;
  while (last_ok_ < back_at && network.now() < back_at + 10s) send_one_after_the_other(5ms);
  EXPECT_LE(last_ok_ - back_at, 2s);
  send_one_after_the_other(5s);
  for (const auto& [token, end] : ends) {
    if (token <= first_after) continue;
    EXPECT_EQ(end.code, ErrorCode::OK) << end.error.message;
  }
  EXPECT_LE(longest_gap_, outage() + 3s + 2s) << "a send of 3 s was under way when it began";
}

TEST_P(OutageTest, that_nobody_saw_ends_with_the_first_send) {
  make_cluster(1);
  leave(0);
  // Between two heartbeats: a connect that the simulated network has lost hangs for all its time,
  // where a kernel repeats it after a second.
  advance(outage() + 5s, 100ms);
  come_back(0);
  ASSERT_TRUE(send(1).ok());
  advance(2s);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_EQ(ends[1].code, ErrorCode::OK) << ends[1].error.message;
}

TEST_P(OutageTest, of_one_of_two_brokers_costs_no_message) {
  make_cluster(2);
  leave(0);
  send_one_after_the_other(std::min<base::Duration>(outage(), 60s));
  EXPECT_EQ(count_failed(), 0U);
  EXPECT_LE(longest_gap_, 1100ms);
  come_back(0);
  const std::uint64_t first_after = next_token_;
  send_one_after_the_other(2s);
  bool is_used_again = false;
  for (const auto& [token, end] : ends) {
    if (token <= first_after) continue;
    is_used_again |= end.broker_name == "broker-a";
    EXPECT_LE(end.after, 1100ms);
  }
  EXPECT_TRUE(is_used_again);
}

TEST_P(OutageTest, never_ends_a_send_without_an_attempt_in_its_time) {
  make_cluster(1);
  leave(0);
  // Nobody asks, and pauses grow.
  connection(0).set_keep_open(true);
  advance(outage(), 100ms);
  const auto named = Destination::make({}, "broker-a", 1).take_value();
  for (std::uint64_t token = 1; token <= 20; ++token) {
    const std::uint64_t before = connection(0).counters().attempts;
    const bool is_under_way = connection(0).state() == remoting::ConnectionState::connecting ||
                              connection(0).state() == remoting::ConnectionState::open;
    ASSERT_TRUE(send(token, 300ms, SendMode::event, token % 2 ? named : nullptr).ok());
    while (!ends.contains(token)) advance(5ms, 5ms);
    EXPECT_NE(ends[token].code, ErrorCode::OK);
    EXPECT_TRUE(is_under_way || connection(0).counters().attempts > before) << token;
  }
}

INSTANTIATE_TEST_SUITE_P(outages, OutageTest,
                         ::testing::Combine(::testing::Values(3, 11, 60, 600),
                                            ::testing::Values(Away::refused, Away::unheard)));

TEST_F(LostConnectionTest, a_cluster_that_was_away_for_ten_minutes_is_used_within_two_seconds) {
  make_cluster(2);
  (*name_servers[0])->stop();
  for (const auto& broker : brokers) (*broker)->stop();
  advance(600s, 100ms);
  for (const auto& broker : brokers) ASSERT_TRUE((*broker)->start().ok());
  ASSERT_TRUE((*name_servers[0])->start().ok());
  ASSERT_TRUE(send(1).ok());
  topic = "bills";
  ASSERT_TRUE(send(2).ok());
  advance(2s);
  EXPECT_EQ(ends[1].code, ErrorCode::OK) << ends[1].error.message;
  EXPECT_TRUE(ends.contains(2)) << "the NameServer answers again, and knows no such topic";
}

// --- One of two brokers freezes (apache/rocketmq#1921, #2542, #3726; rocketmq-client-go#736) -----

enum class Trouble { pause, refuse, refuse_and_cut, cut };

class FrozenBroker : public LostConnectionTest,
                     public ::testing::WithParamInterface<std::tuple<Trouble, bool>> {
 protected:
  void freeze(testbroker::Server& broker) {
    switch (std::get<0>(GetParam())) {
      case Trouble::pause:
        return broker.pause();
      case Trouble::refuse:
        return broker.refuse(60s);
      case Trouble::refuse_and_cut:
        broker.refuse(60s);
        return broker.cut_connections();
      case Trouble::cut:
        return broker.cut_connections();
    }
  }
};

TEST_P(FrozenBroker, costs_none_of_twelve_sends_of_three_seconds) {
  make_cluster(2);
  freeze(**brokers[1]);
  for (std::uint64_t token = 1; token <= 12; ++token) {
    ASSERT_TRUE(send(token, 3s).ok());
    const bool is_one_at_a_time = std::get<1>(GetParam());
    while (is_one_at_a_time && !ends.contains(token)) advance(5ms, 5ms);
  }
  advance(3100ms);
  EXPECT_EQ(count_ok(), 12U);
  for (const auto& [token, end] : ends) EXPECT_LE(end.after, 1100ms) << end.error.message;
}

INSTANTIATE_TEST_SUITE_P(troubles, FrozenBroker,
                         ::testing::Combine(::testing::Values(Trouble::pause, Trouble::refuse,
                                                              Trouble::refuse_and_cut,
                                                              Trouble::cut),
                                            ::testing::Bool()));

// --- Closing ------------------------------------------------------------------------------------

TEST_F(LostConnectionTest, closing_while_a_caller_is_inside_send_does_not_keep_the_loop_busy) {
  make_cluster(1);
  std::size_t turns = 0;
  host->during_send = [&] {
    ASSERT_TRUE(producer->close_async(5s, {.token = 99}).ok());
    for (int i = 0; i < 1000 && network.run_one_turn(network.now() + 1s); ++i) ++turns;
    EXPECT_TRUE(others.empty());
  };
  EXPECT_TRUE(send(1).ok()) << "it was accepted before the closing began";
  EXPECT_LT(turns, 20U);
  advance(100ms);
  EXPECT_EQ(ends[1].code, ErrorCode::OK);
  EXPECT_EQ(others.size(), 1U);
}

}  // namespace
}  // namespace rmq::producer::testing
