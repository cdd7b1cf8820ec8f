// Connections that end, and brokers that are back: how soon messages come again.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

// What is put into the store behind the broker's back is seen by its next look at held pulls.
constexpr base::Duration kLookInterval = 5100ms;

class ReconnectTest : public GroupWorld {
 protected:
  void TearDown() override {
    end(first);
    end(second);
  }
  void begin(std::int32_t queues = 4) {
    make_broker(queues);
    first = start_member("10.0.0.2", make_options());
    network.advance(3s);
  }
  static std::size_t held(const SimulatedMember& member) {
    std::size_t count = 0;
    for (const ProcessQueue* queue : member.consumer->queues())
      count += queue->queue().topic == kTopic ? 1 : 0;
    return count;
  }
  // How long the next message takes that is stored now.
  base::Duration time_to_deliver(base::Duration limit) {
    const base::Instant began = network.now();
    store(1);
    network.run_until([&] { return first->queue->size() > 0; }, limit);
    EXPECT_EQ(first->consume().size(), 1u);
    return network.now() - began;
  }

  std::unique_ptr<SimulatedMember> first;
  std::unique_ptr<SimulatedMember> second;
};

TEST_F(ReconnectTest, delivers_at_once_after_a_lost_connection) {
  begin();
  for (int i = 0; i < 5; ++i) {
    (*broker)->cut_connections();
    EXPECT_LT(time_to_deliver(30s), 200ms);
    network.advance(20s);
  }
}

// A pull that overtakes the heartbeat is refused, and the pause after that costs seconds.
TEST_F(ReconnectTest, pulls_only_when_the_broker_knows_the_member_again) {
  begin(1);
  auto& pulls = (*broker)->script().on(RequestCode::PULL_MESSAGE);
  pulls.then(fault::delay(0ms));
  (*broker)->cut_connections();
  network.advance(10s);
  EXPECT_EQ(pulls.seen(), 2u);  // one of each queue, and none was refused
}

TEST_F(ReconnectTest, pulls_again_as_soon_as_a_heartbeat_has_made_up_for_a_missing_subscription) {
  begin(1);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).first(1).then(fault::error(24, "who are you"));
  (*broker)->cut_connections();  // so that the queue is pulled now
  EXPECT_LT(time_to_deliver(30s), 200ms);
}

TEST_F(ReconnectTest, gives_a_broker_time_that_misses_the_subscription_in_spite_of_heartbeats) {
  begin(1);
  auto& pulls = (*broker)->script().on(RequestCode::PULL_MESSAGE);
  pulls.then(fault::error(24, "who are you"));
  store(1);
  network.advance(60s);
  // Two pulls of two queues every three seconds.
  EXPECT_LE(pulls.seen(), 2 * 2 * 22u);
}

TEST_F(ReconnectTest, delivers_within_two_seconds_of_a_broker_that_is_back) {
  begin();
  for (const base::Duration away :
       {base::Duration(3s), base::Duration(11s), base::Duration(1min), base::Duration(10min)}) {
    (*broker)->crash(away, testbroker::Memory::kept);
    network.advance(away);
    EXPECT_LT(time_to_deliver(60s), 2s) << base::to_ms(away);
    network.advance(7s);
  }
}

// The first heartbeat is answered later than consumers wait for an answer while they call a broker.
TEST_F(ReconnectTest, delivers_within_four_seconds_of_a_slow_broker_that_was_away_for_long) {
  begin();
  (*broker)->crash(1min, testbroker::Memory::kept);
  (*broker)->script().on(RequestCode::HEART_BEAT).first(2).then(fault::delay(1500ms));
  network.advance(1min);
  EXPECT_LT(time_to_deliver(60s), 4s);
}

TEST_F(ReconnectTest, delivers_within_two_seconds_of_a_route_that_names_the_broker_again) {
  begin();
  (*broker)->crash(10min, testbroker::Memory::kept);
  (*broker)->leave_routes();
  network.advance(10min);
  EXPECT_LT(time_to_deliver(60s), 2s);
}

// A queue that a limit has stopped takes notice as well.
TEST_F(ReconnectTest, goes_on_after_a_pause_for_flow_control_in_which_the_connection_was_lost) {
  make_broker(1);
  ConsumerOptions options = make_options();
  options.queue_limits.messages = 2;
  options.pull_batch_size = 1;
  first = start_member("10.0.0.2", options);
  network.advance(3s);
  store(4);
  network.advance(kLookInterval);
  ASSERT_EQ(first->queue->size(), 2u);
  (*broker)->cut_connections();
  EXPECT_EQ(first->consume().size(), 2u);
  network.advance(100ms);
  EXPECT_EQ(first->consume().size(), 2u);
}

// The first member that a restarted broker hears of does not take the queues of all others.
TEST_F(ReconnectTest, leaves_their_queues_to_members_that_come_back_later) {
  begin(8);
  second = start_member("10.0.0.3", make_options());
  network.advance(5s);
  ASSERT_EQ(held(*first), 4u);
  (*broker)->crash(5s, testbroker::Memory::kept);
  network.set_side(second->host->loop(), 1);
  network.advance(9s);
  network.set_side(second->host->loop(), 0);
  for (int i = 0; i < 600; ++i) {
    network.advance(100ms);
    EXPECT_EQ(held(*first), 4u);
    EXPECT_EQ(held(*second), 4u);
  }
}

TEST_F(ReconnectTest, takes_over_the_queues_of_a_member_that_does_not_come_back) {
  begin(8);
  second = start_member("10.0.0.3", make_options());
  network.advance(5s);
  (*broker)->crash(5s, testbroker::Memory::kept);
  end(second);
  network.advance(20s);
  EXPECT_EQ(held(*first), 8u);
}

TEST_F(ReconnectTest, says_an_offset_again_that_the_broker_did_not_confirm) {
  make_broker(1);
  ConsumerOptions options = make_options();
  options.request_timeout = 2s;
  first = start_member("10.0.0.2", options);
  network.advance(3s);
  auto& rule = (*broker)->script().on(RequestCode::UPDATE_CONSUMER_OFFSET).first(1);
  rule.then(fault::drop_request());
  store(10);
  network.advance(kLookInterval);
  EXPECT_EQ(first->consume().size(), 10u);
  // The next pull, which would carry the offset too, comes after 15 s.
  network.advance(11s);
  EXPECT_EQ(rule.hits(), 1u);
  EXPECT_EQ(committed(0), 10);
}

TEST_F(ReconnectTest, commits_at_close_to_a_broker_that_is_back_in_time) {
  begin(1);
  store(10);
  network.advance(kLookInterval);
  EXPECT_EQ(first->consume().size(), 10u);
  (*broker)->crash(1s, testbroker::Memory::kept);
  network.advance(500ms);
  ASSERT_TRUE(first->consumer->close_async(3s, {.token = 1}).ok());
  network.advance(3s);
  EXPECT_EQ(committed(0), 10);
}

}  // namespace
}  // namespace rmq::consumer
