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

}  // namespace
}  // namespace rmq::producer::testing
