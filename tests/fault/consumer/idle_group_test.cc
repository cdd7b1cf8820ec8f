// A group that has nothing to do: its connections live on, and its queues stay where they are.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class IdleGroupTest : public GroupWorld {
 protected:
  void TearDown() override {
    for (auto& member : members) end(member);
  }
  // Epochs change when a queue is gained, lost or begun again.
  std::vector<std::pair<protocol::MessageQueue, std::uint64_t>> holdings() const {
    std::vector<std::pair<protocol::MessageQueue, std::uint64_t>> held;
    for (const auto& member : members) {
      for (const ProcessQueue* queue : member->consumer->queues())
        held.emplace_back(queue->queue(), queue->epoch());
    }
    return held;
  }
  std::uint64_t losses() {
    std::uint64_t lost = 0;
    for (const auto& member : members)
      lost += member->host->core().endpoints().intern(kBroker)->connection().counters().lost;
    return lost;
  }

  std::vector<std::unique_ptr<SimulatedMember>> members;
};

// The members start at different times, so that each waits for the looks of the broker in another
// way.
TEST_F(IdleGroupTest, loses_no_connection_and_moves_no_queue) {
  make_broker(8);
  for (int i = 0; i < 4; ++i) {
    members.push_back(start_member("10.0.0." + std::to_string(2 + i), make_options()));
    network.advance(1300ms);
  }
  network.advance(10s);
  const auto held = holdings();
  ASSERT_EQ(held.size(), 8u + 1u);  // and the retry topic's
  for (const base::Duration time : {base::Duration(2min), base::Duration(1h)}) {
    network.advance(time);
    EXPECT_EQ(losses(), 0u);
    EXPECT_EQ(holdings(), held);
  }
}

// Few enough to cost little, often enough to notice a broker that has lost the pull.
TEST_F(IdleGroupTest, asks_each_queue_again_every_fifteen_to_twenty_seconds) {
  make_broker(1);
  members.push_back(start_member("10.0.0.2", make_options()));
  network.advance(10s);
  auto& pulls = (*broker)->script().on(RequestCode::PULL_MESSAGE);
  pulls.then(fault::delay(0ms));
  network.advance(10min);
  // Two queues: the topic's and the retry topic's.
  EXPECT_GE(pulls.seen(), 2 * 600u / 21);
  EXPECT_LE(pulls.seen(), 2 * 600u / 15);
}

// The answer to a long poll comes late by the whole interval of the broker's looks and more, at the
// shortest limit that a user can set as well.
TEST_F(IdleGroupTest, takes_no_late_answer_for_a_silent_broker) {
  make_broker(4);
  config::Config config;
  ASSERT_TRUE(config.set("consumer_group", kGroup).ok());
  for (const char* limit : {"1", "5000", "10000", "20000", "60000"}) {
    ASSERT_TRUE(config.set("consumer_timeout_millis_when_suspend", limit).ok());
    auto options = ConsumerOptions::read(config, config::Config());
    ASSERT_TRUE(options.ok());
    members.push_back(start_member("10.0.0.2", options.take_value()));
    (*broker)->set_late_polls(2s);
    network.advance(5min);
    EXPECT_EQ(losses(), 0u) << limit;
    end(members.back());
    members.clear();
    network.advance(10s);
  }
}

}  // namespace
}  // namespace rmq::consumer
