// Half of twenty brokers take what they are sent and say nothing, or only store nothing.
#include <cstdio>

#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

constexpr int kBrokers = 20;
constexpr int kSilent = 10;
constexpr int kQueues = 8;  // of each broker
constexpr base::Duration kTrouble = 60s;

enum class Silence {
  whole,     // connections are accepted, and nothing is ever answered
  of_store,  // everything is answered but sends
  of_wire,   // packets vanish
};

class SilentBrokers
    : public ClusterTest,
      public ::testing::WithParamInterface<std::tuple<Silence, base::milliseconds>> {
 protected:
  // The seed of the world; the figures are printed, as they come.
  SilentBrokers() : ClusterTest(7) {}

  static base::Duration gap() { return std::get<base::milliseconds>(GetParam()); }
  void make_cluster() {
    add_name_server(1);
    for (int n = 1; n <= kBrokers; ++n) add_broker(n, {{.name = "orders"}});
    start();
  }
  void silence(std::size_t broker) {
    testbroker::Script& script = (*brokers[broker])->script();
    switch (std::get<Silence>(GetParam())) {
      case Silence::whole:
        script.on_any().then(fault::drop_request());
        break;
      case Silence::of_store:
        script.on(RequestCode::SEND_MESSAGE_V2).then(fault::drop_request());
        break;
      case Silence::of_wire:
        network.set_side(brokers[broker]->loop(), 1);
        break;
    }
  }
  void mend(std::size_t broker) {
    (*brokers[broker])->script().clear();
    network.set_side(brokers[broker]->loop(), 0);
  }
  void keep_sending(base::Duration duration) {
    for (base::Duration at{0}; at < duration; at += gap()) {
      ASSERT_TRUE(send(next_token_++).ok());
      advance(gap());
    }
  }
  std::size_t count_slow(std::uint64_t from, std::uint64_t to) const {
    std::size_t slow = 0;
    for (std::uint64_t token = from; token < to; ++token) slow += ends.at(token).after >= 900ms;
    return slow;
  }

  std::uint64_t next_token_ = 0;
};

TEST_P(SilentBrokers, cost_at_most_one_send_in_twenty_while_half_of_them_are_left) {
  make_cluster();
  keep_sending(2s);
  const std::uint64_t first = next_token_;
  for (std::size_t i = 0; i < kSilent; ++i) silence(i);
  keep_sending(kTrouble);
  const std::uint64_t last = next_token_;
  advance(4s);

  std::size_t ok = 0;
  for (std::uint64_t token = first; token < last; ++token)
    ok += ends.at(token).code == base::ErrorCode::OK;
  const std::size_t all = last - first;
  std::printf("%zu of %zu sends succeed (%.2f %%), %zu after a second or more\n", ok, all,
              100.0 * static_cast<double>(ok) / static_cast<double>(all), count_slow(first, last));
  EXPECT_GE(100 * ok, 95 * all);
  EXPECT_LE(5 * count_slow(first, last), 2 * all) << "a known silence costs others no time";
  expect_true_outcomes(next_token_);
}

TEST_P(SilentBrokers, get_their_share_again_within_twelve_seconds) {
  make_cluster();
  keep_sending(2s);
  for (std::size_t i = 0; i < kSilent; ++i) silence(i);
  keep_sending(kTrouble);
  for (std::size_t i = 0; i < kSilent; ++i) mend(i);
  keep_sending(12s);
  const std::uint64_t first = next_token_;
  keep_sending(gap() * kBrokers * kQueues);
  advance(4s);
  std::map<std::string, int> uses;
  for (std::uint64_t token = first; token < next_token_; ++token) {
    EXPECT_EQ(ends.at(token).code, base::ErrorCode::OK);
    ++uses[ends.at(token).broker_name];
  }
  EXPECT_EQ(uses.size(), static_cast<std::size_t>(kBrokers));
}

INSTANTIATE_TEST_SUITE_P(ways, SilentBrokers,
                         ::testing::Combine(::testing::Values(Silence::whole, Silence::of_store,
                                                              Silence::of_wire),
                                            ::testing::Values(10ms, 50ms, 500ms)));

}  // namespace
}  // namespace rmq::producer::testing
