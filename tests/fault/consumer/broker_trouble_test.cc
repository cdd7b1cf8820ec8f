// Brokers that die, come back, refuse, forget and cut off: what is consumed and committed in the
// end.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class BrokerTroubleTest : public GroupWorld {
 protected:
  void TearDown() override { end(member); }
  std::multiset<std::string> consume_for(base::Duration time) {
    std::multiset<std::string> bodies;
    for (base::Duration done{0}; done < time; done += 50ms) {
      network.advance(50ms);
      for (std::string& body : member->consume()) bodies.insert(std::move(body));
    }
    return bodies;
  }
  static std::multiset<std::string> numbers(int count, int first = 0) {
    std::multiset<std::string> bodies;
    for (int i = first; i < first + count; ++i) bodies.insert(std::to_string(i));
    return bodies;
  }

  std::unique_ptr<SimulatedMember> member;
};

TEST_F(BrokerTroubleTest, goes_on_where_it_was_when_the_broker_was_killed_and_is_back) {
  make_broker();
  store(100);
  member = start_member("10.0.0.2", make_options());
  EXPECT_EQ(consume_for(5s), numbers(100));
  (*broker)->crash(30s, testbroker::Memory::kept);
  network.advance(10s);
  store(100, 100);
  EXPECT_EQ(consume_for(60s), numbers(100, 100));
  EXPECT_EQ(committed_in_all(), 200);
}

TEST_F(BrokerTroubleTest, repeats_nothing_when_every_tenth_answer_is_lost) {
  make_broker();
  store(500);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).every(10).then(fault::no_answer());
  member = start_member("10.0.0.2", make_options());
  EXPECT_EQ(consume_for(200s), numbers(500));
  EXPECT_EQ(committed_in_all(), 500);
}

TEST_F(BrokerTroubleTest, goes_on_at_once_when_a_long_poll_ends_without_an_answer) {
  make_broker(1);
  member = start_member("10.0.0.2", make_options());
  network.advance(3s);
  auto& rule = (*broker)->script().on(RequestCode::PULL_MESSAGE).first(2);
  rule.then(fault::drop_request());
  (*broker)->cut_connections();  // the next pulls are lost
  network.advance(10s);
  ASSERT_EQ(rule.hits(), 2u);
  EXPECT_EQ((*broker)->held_pull_count(), 0u);
  network.advance(23100ms);  // 3 s after the cut, and the 30 s of the long poll
  EXPECT_EQ((*broker)->held_pull_count(), 2u);
}

TEST_F(BrokerTroubleTest, waits_three_seconds_after_an_error) {
  make_broker(1);
  member = start_member("10.0.0.2", make_options());
  network.advance(3s);
  auto& rule = (*broker)->script().on(RequestCode::PULL_MESSAGE);
  rule.then(fault::error(1, "broken"));
  store(1);
  network.advance(60s);
  // Two queues: the topic's and the retry topic's.
  EXPECT_GE(rule.seen(), 2 * 15u);
  EXPECT_LE(rule.seen(), 2 * 22u);
}

TEST_F(BrokerTroubleTest, comes_back_after_twenty_milliseconds_when_the_broker_asks_for_time) {
  make_broker(1);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).first(50).then(fault::error(215, "busy"));
  store(1);
  member = start_member("10.0.0.2", make_options());
  EXPECT_EQ(consume_for(5s), numbers(1));
}

TEST_F(BrokerTroubleTest, registers_again_when_the_broker_misses_the_subscription) {
  make_broker(1);
  member = start_member("10.0.0.2", make_options());
  network.advance(3s);
  auto& heartbeats = (*broker)->script().on(RequestCode::HEART_BEAT);
  heartbeats.then(fault::delay(1ms));
  (*broker)->script().on(RequestCode::PULL_MESSAGE).first(2).then(fault::error(24, "who are you"));
  store(1);
  EXPECT_EQ(consume_for(5s), numbers(1));
  EXPECT_GE(heartbeats.seen(), 1u);
}

TEST_F(BrokerTroubleTest, goes_on_at_the_oldest_message_when_its_offset_was_deleted) {
  make_broker(1);
  (*broker)->offsets().commit(kGroup, kTopic, 0, 5);
  store(10);
  // The broker says where the queue goes on, as after its files were deleted.
  (*broker)->offsets().commit(kGroup, kTopic, 0, 500);
  member = start_member("10.0.0.2", make_options());
  consume_for(5s);
  // Offset 500 is beyond the end 10: the broker names 10, and that is what counts from then on.
  EXPECT_EQ(committed(0), 10);
  store(5, 10);
  EXPECT_EQ(consume_for(6s), numbers(5, 10));
  EXPECT_EQ(committed(0), 15);
}

TEST_F(BrokerTroubleTest, makes_earlier_deliveries_stale_when_the_broker_moves_the_offset) {
  make_broker(1);
  store(10);
  member = start_member("10.0.0.2", make_options());
  network.advance(3s);
  auto kept = member->take();
  ASSERT_EQ(kept.size(), 10u);
  const std::uint64_t epoch = kept[0]->parts().delivery->epoch;
  // As after a reset on the server: the next pull is answered by "moved".
  (*broker)->script().on(RequestCode::PULL_MESSAGE).first(1).then(fault::recode(21));
  store(1, 10);
  network.advance(5s);
  store(1, 11);
  network.advance(10s);
  EXPECT_EQ(kept[0]->answer({.kind = AnswerKind::success}).code(), ErrorCode::STALE);
  store(1, 12);
  network.advance(10s);
  auto later = member->take();
  ASSERT_FALSE(later.empty());
  EXPECT_GT(later.back()->parts().delivery->epoch, epoch);
}

TEST_F(BrokerTroubleTest, survives_a_broker_that_answers_garbage) {
  make_broker();
  store(100);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).every(3).then(fault::garbage(200));
  member = start_member("10.0.0.2", make_options());
  const auto bodies = consume_for(120s);
  EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(), 100u);
  EXPECT_EQ(committed_in_all(), 100);
}

TEST_F(BrokerTroubleTest, starts_when_the_name_server_comes_up_later) {
  auto options = make_options();
  auto early = make_member("10.0.0.2", options);
  ASSERT_TRUE(early->consumer->start().ok());
  network.advance(30s);
  make_broker();
  store(10);
  member = std::move(early);
  EXPECT_EQ(consume_for(60s), numbers(10));
}

}  // namespace
}  // namespace rmq::consumer
