// SQL92: brokers are asked whether they can filter by an expression, and told of it again when they
// say that they do not know it.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class FilterTest : public GroupWorld {
 protected:
  void SetUp() override {
    make_broker(1);
    checks = &(*broker)->script().on(RequestCode::CHECK_CLIENT_CONFIG);
    checks->then(fault::delay(1ms));
  }
  void TearDown() override { end(member); }

  void start(FilterType type, std::string_view expression) {
    ConsumerOptions options = make_options();
    options.tells_errors = true;
    member = make_member("10.0.0.2", options);
    ASSERT_TRUE(member->consumer->subscribe(kTopic, type, expression).ok());
    ASSERT_TRUE(member->consumer->start().ok());
  }
  std::vector<base::Error> take_refusals(base::Duration time) {
    network.advance(time);
    std::vector<base::Error> refusals;
    for (const EventPointer& event : member->take()) {
      if (event->error() && event->error()->code == ErrorCode::FILTER_REJECTED)
        refusals.push_back(*event->error());
    }
    return refusals;
  }

  std::unique_ptr<SimulatedMember> member;
  testbroker::Rule* checks = nullptr;
};

TEST_F(FilterTest, an_expression_that_the_broker_cannot_filter_by_is_told_at_the_start) {
  start(FilterType::sql92, "price > 5");
  const auto refusals = take_refusals(1s);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].topic, kTopic);
  EXPECT_EQ(refusals[0].address, kBroker);
  EXPECT_NE(refusals[0].hint.find("enablePropertyFilter"), std::string::npos);
  network.advance(60s);
  EXPECT_EQ(checks->seen(), 1u) << "once is enough";
}

TEST_F(FilterTest, another_expression_is_asked_about_again) {
  start(FilterType::sql92, "price > 5");
  network.advance(2s);
  ASSERT_EQ(checks->seen(), 1u);
  ASSERT_TRUE(member->consumer->subscribe(kTopic, FilterType::sql92, "price > 6").ok());
  network.advance(2s);
  EXPECT_EQ(checks->seen(), 2u);
}

TEST_F(FilterTest, a_broker_that_was_away_is_asked_when_it_is_back) {
  (*broker)->cut_connections();
  start(FilterType::sql92, "price > 5");
  checks->then(fault::drop_request());
  network.advance(2s);
  (*broker)->cut_connections();
  checks->then(fault::delay(1ms));
  EXPECT_EQ(take_refusals(5s).size(), 1u);
}

TEST_F(FilterTest, tags_are_no_question) {
  start(FilterType::tag, "a || b");
  network.advance(10s);
  EXPECT_EQ(checks->seen(), 0u);
}

TEST_F(FilterTest, a_blank_expression_is_refused_as_an_empty_one) {
  member = make_member("10.0.0.2", make_options());
  for (const std::string_view blank : {"", " ", " \t\n ", "\u00a0"}) {
    for (const FilterType type : {FilterType::sql92, FilterType::tag}) {
      if (type == FilterType::tag && blank.empty()) continue;  // all messages
      EXPECT_EQ(member->consumer->subscribe(kTopic, type, blank).code(),
                ErrorCode::SUBSCRIPTION_SELECTOR)
          << '"' << blank << '"';
    }
  }
}

// Brokers ignore a subscription whose version is not greater than that of the one they hold.
TEST_F(FilterTest, a_newer_subscription_has_the_greater_version_when_the_clock_was_set_back) {
  start(FilterType::tag, "a");
  network.advance(3s);
  const auto version = [this] {
    const auto* subscription = member->consumer->context().find_subscription(kTopic);
    return subscription == nullptr ? -1 : subscription->sub_version;
  };
  auto& heartbeats = (*broker)->script().on(RequestCode::HEART_BEAT);
  heartbeats.then(fault::drop_request());
  for (int i = 0; i < 3; ++i) {
    const std::int64_t before = version();
    ASSERT_GT(before, 0);
    network.clock().jump_wall_ms(-86'400'000);
    ASSERT_TRUE(member->consumer->unsubscribe(kTopic).ok());
    network.advance(100ms);
    ASSERT_EQ(version(), -1);
    ASSERT_TRUE(member->consumer->subscribe(kTopic, FilterType::tag, "b").ok());
    network.advance(100ms);
    EXPECT_GT(version(), before);
  }
  heartbeats.then(fault::delay(1ms));
  network.advance(60s);
  store(1, 0, "a");
  store(1, 1, "b");
  network.advance(20s);
  EXPECT_EQ(member->consume(), std::vector<std::string>{"1"});
}

TEST_F(FilterTest, a_broker_that_misses_the_expression_hears_of_it_at_once) {
  for (const std::int32_t code : {27, 28}) {
    end(member);
    member = start_member("10.0.0.2", make_options());
    network.advance(3s);
    auto& heartbeats = (*broker)->script().on(RequestCode::HEART_BEAT);
    heartbeats.then(fault::delay(1ms));
    (*broker)->cut_connections();  // the pulls that the broker holds
    (*broker)->script().on(RequestCode::PULL_MESSAGE).first(2).then(fault::error(code, "filter"));
    store(1);
    network.advance(2s);
    EXPECT_EQ(member->consume().size(), 1u) << code;
    network.advance(6s);  // the offset is stored
    EXPECT_GE(heartbeats.seen(), 2u) << "one for the connection, one for the answer " << code;
  }
}

}  // namespace
}  // namespace rmq::consumer
