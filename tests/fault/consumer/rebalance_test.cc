// Members that come and go: each queue is held by one of them in the end, and an answer for a queue
// that was lost moves nothing.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class RebalanceTest : public GroupWorld {
 protected:
  void SetUp() override { make_broker(8); }
  void TearDown() override {
    kept.clear();
    end(first);
    end(second);
  }
  static std::set<std::int32_t> held(const SimulatedMember& member) {
    std::set<std::int32_t> ids;
    for (const ProcessQueue* queue : member.consumer->queues()) {
      if (queue->queue().topic == kTopic) ids.insert(queue->queue().queue_id);
    }
    return ids;
  }
  void expect_shared() {
    std::set<std::int32_t> all = held(*first);
    for (const std::int32_t id : held(*second)) EXPECT_TRUE(all.insert(id).second) << id;
    EXPECT_EQ(all.size(), 8u);
  }

  std::unique_ptr<SimulatedMember> first;
  std::unique_ptr<SimulatedMember> second;
  std::vector<EventPointer> kept;
};

TEST_F(RebalanceTest,
       shares_the_queues_with_a_member_that_joins_and_takes_them_back_when_it_leaves) {
  first = start_member("10.0.0.2", make_options());
  network.advance(3s);
  EXPECT_EQ(held(*first).size(), 8u);
  second = start_member("10.0.0.3", make_options());
  network.advance(5s);
  EXPECT_EQ(held(*first), (std::set<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(held(*second), (std::set<std::int32_t>{4, 5, 6, 7}));
  end(second);
  network.advance(5s);
  EXPECT_EQ(held(*first).size(), 8u);
}

TEST_F(RebalanceTest, loses_no_message_when_members_change_and_repeats_only_what_was_not_answered) {
  store(800);
  first = start_member("10.0.0.2", make_options());
  network.advance(2s);
  std::multiset<std::string> bodies;
  for (std::string& body : first->consume()) bodies.insert(std::move(body));
  second = start_member("10.0.0.3", make_options());
  for (int i = 0; i < 400; ++i) {
    network.advance(50ms);
    for (std::string& body : first->consume()) bodies.insert(std::move(body));
    for (std::string& body : second->consume()) bodies.insert(std::move(body));
  }
  expect_shared();
  EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(), 800u);
  EXPECT_EQ(committed_in_all(), 800);
}

// A heartbeat without subscriptions would leave the brokers with the old version of one that the
// rebalance renewed, and they would refuse its pulls.
TEST_F(RebalanceTest, goes_on_pulling_with_short_heartbeats) {
  client::CoreOptions short_heartbeats;
  short_heartbeats.heartbeat_v2 = true;
  first = start_member("10.0.0.2", make_options(), short_heartbeats);
  network.advance(100s);  // until the heartbeats are short
  second = start_member("10.0.0.3", make_options(), short_heartbeats);
  network.advance(5s);
  store(80);
  network.advance(1s);
  EXPECT_EQ(first->consume().size(), 40u);
  EXPECT_EQ(second->consume().size(), 40u);
}

TEST_F(RebalanceTest, makes_the_answer_stale_for_a_queue_that_was_lost) {
  store(80);
  first = start_member("10.0.0.2", make_options());
  network.advance(2s);
  kept = first->take();
  ASSERT_EQ(kept.size(), 80u);
  second = start_member("10.0.0.3", make_options());
  network.advance(5s);
  for (const EventPointer& event : kept) {
    const bool is_lost = event->parts().delivery->queue_id >= 4;
    EXPECT_EQ(event->answer({.kind = AnswerKind::success}).code(),
              is_lost ? ErrorCode::STALE : ErrorCode::OK);
  }
  // The other member got them all again, and its answers count.
  EXPECT_EQ(second->consume().size(), 40u);
  network.advance(6s);
  EXPECT_EQ(committed_in_all(), 80);
}

TEST_F(RebalanceTest, withdraws_what_waits_on_the_event_queue_for_a_queue_that_was_lost) {
  store(80);
  first = start_member("10.0.0.2", make_options());
  network.advance(2s);
  EXPECT_EQ(first->queue->size(), 80u);
  second = start_member("10.0.0.3", make_options());
  network.advance(5s);
  EXPECT_EQ(first->queue->size(), 40u);
  for (const EventPointer& event : first->take()) EXPECT_LT(event->parts().delivery->queue_id, 4);
  EXPECT_EQ(first->consumer->context().cached_messages(), 40u);
}

// A client that came back over a new connection is listed twice until the broker gives up the old
// one. All divide by the list as it is, as Java's members do.
TEST_F(RebalanceTest, divides_by_a_list_that_names_a_member_twice) {
  first = start_member("10.0.0.2", make_options());
  second = start_member("10.0.0.3", make_options());
  network.advance(5s);
  ASSERT_EQ(held(*first), (std::set<std::int32_t>{0, 1, 2, 3}));
  constexpr std::uint64_t kOldConnection = 1'000'000;
  testbroker::Client* older = (*broker)->clients().put(kOldConnection, first->host->client_id());
  ASSERT_NE(older, nullptr);
  (*broker)->clients().register_consumer(*older, {.group = kGroup}, false);
  network.advance(25s);
  // Three places: two of the first member, one of the second.
  EXPECT_EQ(held(*second), (std::set<std::int32_t>{6, 7}));
  EXPECT_EQ(held(*first), (std::set<std::int32_t>{0, 1, 2, 3, 4, 5}));
  (*broker)->clients().remove_connection(kOldConnection);
  network.advance(25s);
  EXPECT_EQ(held(*first), (std::set<std::int32_t>{0, 1, 2, 3}));
  expect_shared();
}

TEST_F(RebalanceTest, keeps_its_queues_while_no_broker_tells_the_members) {
  first = start_member("10.0.0.2", make_options());
  network.advance(3s);
  (*broker)->script().on(RequestCode::GET_CONSUMER_LIST_BY_GROUP).then(fault::error(1, "no"));
  network.advance(2min);
  EXPECT_EQ(held(*first).size(), 8u);
}

TEST_F(RebalanceTest, registers_again_and_keeps_its_queues_when_the_broker_has_forgotten_it) {
  first = start_member("10.0.0.2", make_options());
  network.advance(3s);
  // Without its connection the broker knows neither member nor group until the next heartbeat.
  (*broker)->cut_connections();
  network.advance(30s);
  EXPECT_EQ(held(*first).size(), 8u);
  EXPECT_EQ((*broker)->clients().client_ids(kGroup).size(), 1u);
}

TEST_F(RebalanceTest, asks_for_the_members_once_a_second_at_most) {
  first = start_member("10.0.0.2", make_options());
  network.advance(5s);
  auto& rule = (*broker)->script().on(RequestCode::GET_CONSUMER_LIST_BY_GROUP);
  rule.then(fault::delay(1ms));
  for (int i = 0; i < 100; ++i) {
    first->consumer->on_consumer_ids_changed(kGroup);
    network.advance(100ms);
  }
  EXPECT_GE(rule.seen(), 9u);
  EXPECT_LE(rule.seen(), 11u);
}

TEST_F(RebalanceTest, follows_subscriptions_that_change_while_it_runs) {
  (*broker)->state().put_topic({.name = "more", .read_queues = 2, .write_queues = 2});
  first = start_member("10.0.0.2", make_options());
  network.advance(3s);
  ASSERT_TRUE(first->consumer->subscribe("more", FilterType::tag, "a || b").ok());
  network.advance(3s);
  EXPECT_EQ(first->consumer->queues().size(), 8u + 2u + 1u);  // and the retry topic's
  ASSERT_TRUE(first->consumer->unsubscribe(kTopic).ok());
  EXPECT_EQ(first->consumer->unsubscribe(kTopic).code(), ErrorCode::NOT_SUBSCRIBED);
  network.advance(3s);
  EXPECT_TRUE(held(*first).empty());
  EXPECT_EQ(first->consumer->queues().size(), 2u + 1u);
}

}  // namespace
}  // namespace rmq::consumer
