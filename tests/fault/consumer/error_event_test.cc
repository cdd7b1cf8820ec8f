// A consumer that cannot work says so: error events on its own queue, one for each cause, rarely.
#include <algorithm>

#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class ErrorEventTest : public GroupWorld {
 protected:
  void TearDown() override { end(member); }

  ConsumerOptions make_asking_options() const {
    ConsumerOptions options = make_options();
    options.tells_errors = true;
    return options;
  }
  void start() { member = start_member("10.0.0.2", make_asking_options()); }

  struct Told {
    base::Error error;
    base::Instant at;
  };
  // Turns the clock and takes what comes; deliveries are answered.
  std::vector<Told> take_errors(base::Duration time) {
    std::vector<Told> told;
    for (base::Duration done{0}; done < time; done += 50ms) {
      network.advance(50ms);
      for (const EventPointer& event : member->take()) {
        if (event->type() == event::EventType::delivery) {
          ++deliveries;
          EXPECT_TRUE(event->answer({.kind = AnswerKind::success}).ok());
          continue;
        }
        EXPECT_EQ(event->type(), event::EventType::error);
        EXPECT_EQ(event->token(), 7u);
        EXPECT_NE(event->error(), nullptr);
        if (event->error() != nullptr) told.push_back({*event->error(), network.now()});
      }
    }
    return told;
  }
  static std::size_t count(const std::vector<Told>& told, ErrorCode code) {
    return static_cast<std::size_t>(std::count_if(
        told.begin(), told.end(), [&](const Told& one) { return one.error.code == code; }));
  }

  std::unique_ptr<SimulatedMember> member;
  int deliveries = 0;
};

TEST_F(ErrorEventTest, names_a_topic_that_does_not_exist) {
  make_broker(1);
  member = make_member("10.0.0.2", make_asking_options());
  ASSERT_TRUE(member->consumer->subscribe("misspelt", FilterType::tag, "").ok());
  ASSERT_TRUE(member->consumer->start().ok());
  const auto told = take_errors(1s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].error.code, ErrorCode::NO_ROUTE);
  EXPECT_EQ(told[0].error.topic, "misspelt");
  EXPECT_EQ(told[0].error.group, kGroup);
  EXPECT_FALSE(told[0].error.client_id.empty());
  EXPECT_GE(told[0].error.count, 1);
}

TEST_F(ErrorEventTest, says_once_for_all_queues_that_the_permission_is_missing) {
  make_broker(64);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::error(16, "not readable"));
  start();
  const auto told = take_errors(1s);
  ASSERT_GE(told.size(), 1u);
  // The topic and the retry topic.
  EXPECT_LE(told.size(), 2u);
  for (const Told& one : told) EXPECT_EQ(one.error.code, ErrorCode::NO_PERMISSION);
  EXPECT_NE(told[0].error.remark.find("not readable"), std::string::npos);
}

// As real brokers say when the question overtakes the registration.
TEST_F(ErrorEventTest, says_nothing_of_a_broker_that_has_yet_to_hear_of_the_group) {
  make_broker(4);
  (*broker)
      ->script()
      .on(RequestCode::GET_CONSUMER_LIST_BY_GROUP)
      .first(1)
      .then(fault::error(1, "no consumer for this group, readers"));
  store(4);
  start();
  EXPECT_TRUE(take_errors(5s).empty());
  EXPECT_EQ(deliveries, 4);
}

TEST_F(ErrorEventTest, repeats_itself_after_pauses_that_double) {
  make_broker(4);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::error(16, "not readable"));
  start();
  std::vector<Told> told = take_errors(5min);
  std::erase_if(told, [](const Told& one) { return one.error.topic != kTopic; });
  ASSERT_GE(told.size(), 5u);
  EXPECT_LE(told.size(), 9u);
  // The first pauses are rounded up to the next attempts.
  for (std::size_t i = 3; i < told.size(); ++i) {
    EXPECT_GT(told[i].at - told[i - 1].at, (told[i - 1].at - told[i - 2].at) * 3 / 2) << i;
  }
  // Four queues were pulled every three seconds, and each failure counts.
  std::int64_t times = 0;
  for (const Told& one : told) times += one.error.count;
  EXPECT_GE(times, 4 * (base::to_ms(told.back().at - told.front().at) / 3500));
}

TEST_F(ErrorEventTest, says_that_the_filter_is_rejected) {
  make_broker(4);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::error(23, "parse failed"));
  start();
  const auto told = take_errors(1s);
  ASSERT_GE(told.size(), 1u);
  EXPECT_EQ(told[0].error.response_code, 23);
  EXPECT_EQ(told[0].error.topic, kTopic);
}

TEST_F(ErrorEventTest, says_that_a_broker_refuses_its_heartbeats) {
  make_broker(4);
  (*broker)->script().on(RequestCode::HEART_BEAT).then(fault::error(16, "no such user"));
  start();
  const auto told = take_errors(1s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].error.code, ErrorCode::NO_PERMISSION);
  EXPECT_EQ(told[0].error.address, kBroker);
}

TEST_F(ErrorEventTest, says_that_the_servers_are_away_and_again_when_they_go_once_more) {
  make_broker(64);
  start();
  EXPECT_TRUE(take_errors(3s).empty());
  for (int round = 0; round < 2; ++round) {
    (*broker)->crash(60s, testbroker::Memory::kept);
    const auto told = take_errors(40s);
    ASSERT_GE(told.size(), 1u) << round;
    EXPECT_LE(told.size(), 30u) << "of 65 queues and 40 s";
    take_errors(30s);
    store(10, round * 10);
    deliveries = 0;
    EXPECT_TRUE(take_errors(10s).empty()) << "all is well again";
    EXPECT_EQ(deliveries, 10);
  }
}

TEST_F(ErrorEventTest, tells_nobody_who_did_not_ask) {
  make_broker(4);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::error(16, "not readable"));
  member = start_member("10.0.0.2", make_options());
  EXPECT_TRUE(take_errors(30s).empty());
}

TEST_F(ErrorEventTest, says_nothing_when_an_operator_moves_the_offset) {
  make_broker(1);
  store(5);
  start();
  EXPECT_TRUE(take_errors(1s).empty());
  // A 5.x broker answers so after a reset, although it has messages at the offset.
  (*broker)->script().on(RequestCode::PULL_MESSAGE).first(1).then(fault::recode(21));
  store(5, 5);
  EXPECT_TRUE(take_errors(10s).empty());
  store(5, 10);
  EXPECT_TRUE(take_errors(10s).empty());
}

TEST_F(ErrorEventTest, bounds_what_nobody_takes_and_goes_on_delivering) {
  make_broker(1);
  member = make_member("10.0.0.2", make_asking_options());
  for (int i = 0; i < 60; ++i) {
    const std::string topic = "missing" + std::to_string(i);
    ASSERT_TRUE(member->consumer->subscribe(topic, FilterType::tag, "").ok());
  }
  ASSERT_TRUE(member->consumer->start().ok());
  network.advance(10min);
  EXPECT_EQ(member->queue->size(), 32u);
  EXPECT_GE(member->queue->dropped(), 28u);
  store(10);
  network.advance(1s);
  EXPECT_EQ(member->queue->size(), 42u) << "deliveries find their place";
  // Once they are taken, others come, which count all that were not told.
  EXPECT_EQ(member->take().size(), 42u);
  const auto told = take_errors(21min);
  std::set<std::string> topics;
  std::int64_t most = 0;
  for (const Told& one : told) {
    topics.insert(one.error.topic);
    most = std::max(most, one.error.count);
  }
  EXPECT_EQ(topics.size(), 60u);
  EXPECT_GT(most, 10);
}

}  // namespace
}  // namespace rmq::consumer
