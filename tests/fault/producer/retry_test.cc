// Attempts: which failures lead to another broker, how long each may take, and what is told.
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using base::Outcome;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

class RetryTest : public ClusterTest {
 protected:
  using ClusterTest::ClusterTest;

  void make_cluster(int broker_count) {
    add_name_server(1);
    for (int n = 1; n <= broker_count; ++n) add_broker(n, {{.name = "orders"}});
  }
  // Sends one message whose end nobody looks at, so that the route is known.
  void warm_up() {
    ASSERT_TRUE(send(1'000'000).ok());
    advance(100ms);
    ASSERT_EQ(count_ok(), 1u);
    ends.clear();
    order.clear();
  }
  testbroker::Script& script(std::size_t broker) { return (*brokers[broker])->script(); }
};

TEST_F(RetryTest, a_killed_broker_costs_no_message) {
  make_cluster(2);
  start();
  warm_up();
  for (std::uint64_t token = 0; token < 300; ++token) {
    if (token == 100) (*brokers[0])->stop();
    ASSERT_TRUE(send(token).ok());
    advance(10ms);
  }
  advance(3s);
  EXPECT_EQ(count_ok(), 300u);
  expect_true_outcomes(300);
}

class RetryCodes : public RetryTest, public ::testing::WithParamInterface<int> {};

TEST_P(RetryCodes, another_broker_is_tried_after_these_answers) {
  make_cluster(2);
  start();
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(GetParam(), "no"));
  for (std::uint64_t token = 0; token < 8; ++token) ASSERT_TRUE(send(token).ok());
  advance(200ms);
  EXPECT_EQ(count_ok(), 8u);
  for (const auto& [token, end] : ends) EXPECT_EQ(end.broker_name, "broker-b");
}

INSTANTIATE_TEST_SUITE_P(codes, RetryCodes, ::testing::Values(1, 2, 14, 16, 17, 204, 205, 1500));

TEST_F(RetryTest, a_send_that_a_close_cuts_short_says_what_was_tried_before) {
  make_cluster(2);
  start();
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(16, "no"));
  script(1).on(RequestCode::SEND_MESSAGE_V2).then(fault::no_answer());
  for (std::uint64_t token = 0; token < 16; ++token) ASSERT_TRUE(send(token, 60s).ok());
  advance(200ms);
  ASSERT_TRUE(producer->close_async(100ms, {.token = 99}).ok());
  advance(500ms);
  ASSERT_EQ(ends.size(), 16u);
  int tried_before = 0;
  for (const auto& [token, end] : ends) {
    EXPECT_EQ(end.code, ErrorCode::SHUTDOWN);
    if (end.error.message.find("tried before: broker-a (") != std::string::npos) ++tried_before;
  }
  EXPECT_EQ(tried_before, 8);
}

// Writes down how each try ended, and where.
class TryLog final : public AttemptListener {
 public:
  void on_try_ended(const SendAttempt& attempt, const AttemptResult& result,
                    base::Duration took) noexcept override {
    const char* end = result.error ? " failed" : result.stored ? " stored" : " written";
    ++tries[std::string(attempt.broker_name()) + end + " after " +
            std::to_string(base::to_ms(took)) + " ms"];
  }
  std::map<std::string, int> tries;
};

TEST_F(RetryTest, each_try_is_told_with_its_end_and_its_time) {
  TryLog log;
  make_cluster(2);
  start();
  warm_up();
  producer->router().add_listener(log);
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(16, "no") | fault::delay(40ms));
  for (std::uint64_t token = 0; token < 16; ++token) ASSERT_TRUE(send(token).ok());
  advance(200ms);
  EXPECT_EQ(count_ok(), 16u);
  producer->abandon();
  EXPECT_TRUE(host->close());
  EXPECT_EQ(log.tries, (std::map<std::string, int>{{"broker-a failed after 40 ms", 8},
                                                   {"broker-b stored after 0 ms", 16}}));
}

class RetryPerhapsStored : public RetryTest,
                           public ::testing::WithParamInterface<std::tuple<int, int>> {};

// The brokers store each message, and then say something that does not tell so.
TEST_P(RetryPerhapsStored, is_told_as_maybe_and_no_broker_gets_a_message_twice) {
  const auto [code, broker_count] = GetParam();
  make_cluster(broker_count);
  start();
  warm_up();
  for (int i = 0; i < broker_count; ++i) {
    script(static_cast<std::size_t>(i)).on(RequestCode::SEND_MESSAGE_V2).then(fault::recode(code));
  }
  for (std::uint64_t token = 0; token < 8; ++token) ASSERT_TRUE(send(token).ok());
  advance(200ms);
  ASSERT_EQ(ends.size(), 8U);
  const bool is_tried_elsewhere = code == 1;
  for (const auto& [token, end] : ends) {
    EXPECT_NE(end.code, ErrorCode::OK);
    EXPECT_EQ(end.outcome, Outcome::maybe_applied);
    EXPECT_EQ(end.error.message_id.size(), 32U);
    EXPECT_EQ(end.message_id, end.error.message_id);
    EXPECT_EQ(stored_copies()[body_of(token)], is_tried_elsewhere ? broker_count : 1);
  }
  for (const auto& broker : brokers) {
    std::set<std::string> bodies;
    for (const auto& message : (*broker)->store().messages("orders")) {
      EXPECT_TRUE(bodies.insert(message.body).second) << message.body;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(codes, RetryPerhapsStored,
                         ::testing::Combine(::testing::Values(1, 4, 604, 4711),
                                            ::testing::Values(1, 2, 3)));

class RetryRefused : public RetryTest, public ::testing::WithParamInterface<int> {};

TEST_P(RetryRefused, is_told_as_not_applied) {
  make_cluster(2);
  start();
  warm_up();
  for (std::size_t i : {0, 1}) {
    script(i).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(GetParam(), "no"));
  }
  ASSERT_TRUE(send(1).ok());
  advance(3100ms);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_NE(ends[1].code, ErrorCode::OK);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied) << ends[1].error.message;
  EXPECT_EQ(stored_copies()[body_of(1)], 0);
}

INSTANTIATE_TEST_SUITE_P(codes, RetryRefused,
                         ::testing::Values(2, 3, 13, 14, 16, 17, 26, 29, 204, 205, 215, 501));

TEST_F(RetryTest, a_broker_that_sends_every_connection_away_costs_no_message) {
  make_cluster(2);
  start();
  warm_up();
  for (const auto code : {RequestCode::SEND_MESSAGE_V2, RequestCode::HEART_BEAT}) {
    script(0).on(code).then(fault::error(1500, "go away"));
  }
  for (std::uint64_t token = 0; token < 1000; ++token) {
    ASSERT_TRUE(send(token).ok());
    advance(1ms, 1ms);
  }
  advance(3s);
  EXPECT_EQ(count_ok(), 1000u);
  for (const auto& [token, end] : ends) EXPECT_EQ(end.code, ErrorCode::OK) << end.error.message;
}

TEST_F(RetryTest, other_answers_are_final) {
  make_cluster(2);
  start();
  warm_up();
  for (std::size_t i : {0, 1}) {
    script(i).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(13, "the message is illegal"));
  }
  ASSERT_TRUE(send(1).ok());
  advance(100ms);
  EXPECT_EQ(ends[1].code, ErrorCode::BROKER_MESSAGE_ILLEGAL);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
  EXPECT_EQ(ends[1].error.message.find("tried before"), std::string::npos);
}

TEST_F(RetryTest, after_the_last_try_the_error_names_the_brokers_and_is_the_last_one) {
  make_cluster(2);
  start();
  warm_up();
  for (std::size_t i : {0, 1}) {
    script(i).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  }
  ASSERT_TRUE(send(1).ok());
  advance(200ms);
  EXPECT_EQ(ends[1].code, ErrorCode::BROKER_BUSY);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
  EXPECT_NE(ends[1].error.message.find("broker-a (BROKER_BUSY)"), std::string::npos)
      << ends[1].error.message;
  EXPECT_NE(ends[1].error.message.find("broker-b (BROKER_BUSY)"), std::string::npos);
  const auto sends = [&](std::size_t i) {
    return (*brokers[i])->counts().requests_by_code.at(310);
  };
  EXPECT_EQ(sends(0) + sends(1), 1u + 3u);
}

TEST_F(RetryTest, retries_are_as_many_as_the_options_say) {
  make_cluster(1);
  ProducerOptions options;
  options.async_retries = 4;
  start("10.0.1.1:9876", options);
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  ASSERT_TRUE(send(1).ok());
  advance(200ms);
  EXPECT_EQ(ends[1].code, ErrorCode::BROKER_BUSY);
  EXPECT_EQ((*brokers[0])->counts().requests_by_code.at(310), 1u + 5u);
}

TEST_F(RetryTest, without_retries_the_first_failure_is_the_end) {
  make_cluster(2);
  ProducerOptions options;
  options.async_retries = 0;
  start("10.0.1.1:9876", options);
  warm_up();
  for (std::size_t i : {0, 1}) {
    script(i).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  }
  ASSERT_TRUE(send(1).ok());
  advance(100ms);
  EXPECT_EQ(ends[1].code, ErrorCode::BROKER_BUSY);
}

TEST_F(RetryTest, a_silent_broker_takes_a_part_of_the_time_only) {
  make_cluster(2);
  start();
  warm_up();
  (*brokers[0])->pause();
  for (std::uint64_t token = 0; token < 8; ++token) ASSERT_TRUE(send(token).ok());
  advance(3100ms);
  EXPECT_EQ(count_ok(), 8u);
  for (const auto& [token, end] : ends) EXPECT_LE(end.after, 1050ms);
  expect_true_outcomes(8);
}

TEST_F(RetryTest, a_single_silent_broker_gets_the_whole_time) {
  make_cluster(1);
  start();
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::delay(2500ms));
  ASSERT_TRUE(send(1).ok());
  advance(2700ms);
  EXPECT_EQ(ends[1].code, ErrorCode::OK) << ends[1].error.message;
  EXPECT_EQ(stored_copies()[body_of(1)], 1);
}

TEST_F(RetryTest, a_single_broker_that_restarts_is_waited_for) {
  make_cluster(1);
  start();
  warm_up();
  (*brokers[0])->crash(1s, testbroker::Memory::kept);
  ASSERT_TRUE(send(1).ok());
  advance(500ms);
  EXPECT_TRUE(ends.empty());
  advance(2s);
  EXPECT_EQ(ends[1].code, ErrorCode::OK) << ends[1].error.message;
}

TEST_F(RetryTest, an_unanswered_attempt_makes_a_later_refusal_a_maybe) {
  make_cluster(2);
  start();
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).nth(1).then(fault::no_answer());
  for (std::size_t i : {0, 1}) {
    script(i).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(13, "illegal"));
  }
  std::uint64_t token = 0;
  for (; token < 8; ++token) {
    ASSERT_TRUE(send(token).ok());
    advance(1500ms);
  }
  bool saw_maybe = false;
  for (const auto& [each, end] : ends) {
    EXPECT_EQ(end.code, ErrorCode::BROKER_MESSAGE_ILLEGAL);
    if (stored_copies()[body_of(each)] == 0) continue;
    saw_maybe = true;
    EXPECT_EQ(end.outcome, Outcome::maybe_applied);
    EXPECT_NE(end.error.message.find("broker-a (REQUEST_TIMEOUT)"), std::string::npos)
        << end.error.message;
  }
  EXPECT_TRUE(saw_maybe);
  expect_true_outcomes(token);
}

TEST_F(RetryTest, all_attempts_together_keep_the_time_limit) {
  make_cluster(3);
  start();
  warm_up();
  for (const auto& broker : brokers) (*broker)->pause();
  ASSERT_TRUE(send(1, 5s).ok());
  advance(4900ms);
  EXPECT_TRUE(ends.empty());
  advance(200ms);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_EQ(ends[1].code, ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(ends[1].outcome, Outcome::maybe_applied);
}

TEST_F(RetryTest, a_named_queue_or_address_is_not_left) {
  make_cluster(2);
  start();
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  const auto named = Destination::make({}, "broker-a", 1).take_value();
  const auto any_of = Destination::make({}, "broker-a", -1).take_value();
  const auto address = Destination::make(broker_address(1), "broker-a", 1).take_value();
  ASSERT_TRUE(send(0, 3s, SendMode::event, named).ok());
  ASSERT_TRUE(send(1, 3s, SendMode::event, any_of).ok());
  ASSERT_TRUE(send(2, 3s, SendMode::event, address).ok());
  advance(100ms);
  ASSERT_EQ(ends.size(), 3u);
  for (const auto& [token, end] : ends) EXPECT_EQ(end.code, ErrorCode::BROKER_BUSY);
  EXPECT_FALSE((*brokers[1])->counts().requests_by_code.contains(310) &&
               (*brokers[1])->counts().requests_by_code.at(310) > 1);
}

TEST_F(RetryTest, a_one_way_send_has_one_attempt) {
  make_cluster(2);
  start();
  warm_up();
  (*brokers[0])->stop();
  (*brokers[1])->stop();
  advance(10ms);
  ASSERT_TRUE(send(1, 3s, SendMode::oneway_event).ok());
  advance(500ms);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_NE(ends[1].code, ErrorCode::OK);
  EXPECT_EQ(ends[1].error.message.find("tried before"), std::string::npos);
}

TEST_F(RetryTest, a_one_way_send_that_left_may_be_stored_and_may_be_lost) {
  make_cluster(1);
  start();
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).nth(1).then(fault::drop_request());
  for (std::uint64_t token : {1, 2}) {
    ASSERT_TRUE(send(token, 3s, SendMode::oneway_event).ok());
    advance(100ms);
    EXPECT_EQ(ends[token].code, ErrorCode::OK);
    EXPECT_EQ(ends[token].status, event::kSendStatusWritten);
    EXPECT_EQ(ends[token].outcome, Outcome::maybe_applied);
  }
  EXPECT_EQ(stored_copies()[body_of(1)], 0);
  EXPECT_EQ(stored_copies()[body_of(2)], 1);
}

TEST_F(RetryTest, stored_without_safety_is_a_success_unless_asked_otherwise) {
  make_cluster(2);
  start();
  warm_up();
  for (std::size_t i : {0, 1}) script(i).on(RequestCode::SEND_MESSAGE_V2).then(fault::recode(11));
  ASSERT_TRUE(send(1).ok());
  advance(100ms);
  EXPECT_EQ(ends[1].code, ErrorCode::OK);
  EXPECT_EQ(ends[1].status, 11);
  EXPECT_EQ(stored_copies()[body_of(1)], 1);
}

TEST_F(RetryTest, stored_without_safety_goes_to_another_broker_when_asked) {
  make_cluster(2);
  ProducerOptions options;
  options.retry_when_not_store_ok = true;
  start("10.0.1.1:9876", options);
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::recode(11));
  for (std::uint64_t token = 0; token < 8; ++token) ASSERT_TRUE(send(token).ok());
  advance(200ms);
  for (const auto& [token, end] : ends) {
    EXPECT_EQ(end.code, ErrorCode::OK);
    EXPECT_EQ(end.status, 0);
    EXPECT_EQ(end.broker_name, "broker-b");
  }
}

TEST_F(RetryTest, what_is_stored_stays_a_success_when_no_other_broker_does_better) {
  make_cluster(2);
  ProducerOptions options;
  options.retry_when_not_store_ok = true;
  start("10.0.1.1:9876", options);
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::recode(12));
  script(1).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  for (std::uint64_t token = 0; token < 8; ++token) ASSERT_TRUE(send(token).ok());
  advance(200ms);
  EXPECT_EQ(count_ok(), 8u);
  for (const auto& [token, end] : ends) {
    EXPECT_EQ(end.status, 12);
    EXPECT_EQ(end.broker_name, "broker-a");
  }
}

TEST_F(RetryTest, a_large_and_a_pinned_body_survive_the_way_to_another_broker) {
  make_cluster(2);
  ProducerOptions options;
  options.compress = false;
  start("10.0.1.1:9876", options);
  warm_up();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(14, "disk full"));
  const std::string large(100'000, 'x');
  auto message = OutgoingMessage::make("orders").take_value();
  for (std::uint64_t token = 0; token < 8; ++token) {
    if (token % 2) {
      message->set_body(base::as_bytes(large));
    } else {
      message->set_pinned_body(base::as_bytes(large));
    }
    ASSERT_TRUE(producer
                    ->send_async(*message, message->body(), nullptr,
                                 {.timeout = 3s, .tag = {.token = token}})
                    .ok());
  }
  advance(500ms);
  EXPECT_EQ(count_ok(), 8u);
  EXPECT_EQ(stored_copies()[large], 8);
}

// Random sends under random trouble on a cluster.
class RetrySeeds : public RetryTest, public ::testing::WithParamInterface<int> {
 protected:
  RetrySeeds() : RetryTest(static_cast<std::uint64_t>(GetParam())) {}
};

TEST_P(RetrySeeds, every_send_ends_once_in_time_and_its_outcome_is_true) {
  RecordProperty("seed", GetParam());
  make_cluster(3);
  for (std::size_t i = 0; i < 3; ++i) {
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.06).then(fault::no_answer());
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.06).then(fault::drop_request());
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.06).then(fault::error(2, "busy"));
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.03).then(fault::error(13, "illegal"));
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.03).then(fault::cut_half());
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.03).then(fault::garbage(40));
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::delay(1500ms));
    script(i).on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::recode(10));
  }
  ProducerOptions options;
  options.retry_when_not_store_ok = GetParam() % 2 == 0;
  start("10.0.1.1:9876", options);
  for (std::uint64_t token = 0; token < 120; ++token) {
    ASSERT_TRUE(send(token).ok());
    if (network.random().below(3) == 0) advance(20ms);
    if (network.random().below(60) == 0) {
      (*brokers[network.random().below(3)])->crash(700ms, testbroker::Memory::kept);
    }
    if (network.random().below(40) == 0) {
      ASSERT_TRUE(producer->cancel(token).ok());
    }
  }
  advance(4s);
  expect_true_outcomes(120);
  for (const auto& [token, end] : ends) {
    EXPECT_LE(end.after, 3050ms) << "seed " << GetParam() << " token " << token;
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, RetrySeeds, ::testing::Range(1, 61));

}  // namespace
}  // namespace rmq::producer::testing
