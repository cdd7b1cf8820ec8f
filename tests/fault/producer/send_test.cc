// Sends through trouble, on simulated time: whatever the broker and the network do, each accepted
// send has exactly one event, in time, and its outcome tells the truth about the broker's store.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "producer/producer.h"
#include "tests/support/memory_server.h"
#include "tests/support/simulated_host.h"

namespace rmq::producer {
namespace {

using base::ErrorCode;
using base::Outcome;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

constexpr std::string_view kAddress = "10.0.0.1:10911";

struct End {
  ErrorCode code;
  Outcome outcome;
  base::Duration after;
  std::string message_id;
};

class SendTest : public ::testing::Test {
 protected:
  explicit SendTest(std::uint64_t seed = 1) : network(seed) { SCOPED_TRACE(seed); }

  void make_broker() {
    testbroker::ServerOptions options;
    options.topics = {{.name = "orders"}};
    broker = std::make_unique<test::MemoryServer>(network, kAddress, options);
  }

  void start(ProducerOptions options = {}) {
    options.group = "simulated";
    host = std::make_shared<test::SimulatedHost>(network, "10.0.0.2", "");
    queue = std::make_shared<event::EventQueue>(100);
    producer = std::make_shared<Producer>(host, options, queue);
    ASSERT_TRUE(producer->start().ok());
    destination = Destination::make(kAddress, "broker-a", 0).take_value();
    message = OutgoingMessage::make("orders").take_value();
    message->set_body(base::as_bytes("body"));
    network.run_until_idle();
  }

  base::Status send(std::uint64_t token, base::Duration timeout = 3s,
                    SendMode mode = SendMode::event) {
    started[token] = network.now();
    return producer->send_async(*message, message->body(), destination,
                                {.timeout = timeout, .mode = mode, .tag = {.token = token}});
  }

  void take_events() {
    event::Event* event = nullptr;
    for (std::size_t count = 0; queue->poll({&event, 1}, base::Duration::zero(), &count) ==
                                event::EventQueue::PollEnd::events;) {
      if (event->type() == event::EventType::send) {
        EXPECT_FALSE(ends.contains(event->token())) << "a second event for " << event->token();
        const event::SendResult* result = event->parts().send_result;
        ends[event->token()] = {event->error_code(), event->outcome(),
                                network.now() - started[event->token()],
                                result ? std::string(result->message_id) : ""};
        if (event->error()) last_error = *event->error();
      }
      event->destroy();
    }
  }

  void advance(base::Duration by) {
    for (base::Duration done{0}; done < by; done += 10ms) {
      network.advance(10ms);
      take_events();
    }
  }

  void TearDown() override {
    producer->abandon();
    host->close();
    take_events();
    EXPECT_EQ(producer->inflight(), 0) << "room that no event gave back";
  }

  transport::MemoryNetwork network;
  std::unique_ptr<test::MemoryServer> broker;
  std::shared_ptr<test::SimulatedHost> host;
  std::shared_ptr<event::EventQueue> queue;
  std::shared_ptr<Producer> producer;
  std::shared_ptr<const Destination> destination;
  std::unique_ptr<OutgoingMessage> message;
  std::map<std::uint64_t, base::Instant> started;
  std::map<std::uint64_t, End> ends;
  base::Error last_error;
};

TEST_F(SendTest, stores_the_message_and_tells_its_place) {
  make_broker();
  start();
  ASSERT_TRUE(send(7).ok());
  advance(50ms);
  ASSERT_TRUE(ends.contains(7));
  EXPECT_EQ(ends[7].code, ErrorCode::OK);
  EXPECT_EQ(ends[7].message_id.size(), 32u);
  ASSERT_EQ((*broker)->store().messages("orders").size(), 1u);
}

TEST_F(SendTest, fails_at_its_deadline_when_no_answer_comes_and_says_that_it_may_be_stored) {
  make_broker();
  (*broker)->script().on(RequestCode::SEND_MESSAGE_V2).then(fault::no_answer());
  start();
  ASSERT_TRUE(send(1, 500ms).ok());
  advance(490ms);
  EXPECT_TRUE(ends.empty());
  advance(20ms);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_EQ(ends[1].code, ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(ends[1].outcome, Outcome::maybe_applied);
  EXPECT_EQ(last_error.topic, "orders");
  EXPECT_EQ(last_error.group, "simulated");
  EXPECT_EQ(last_error.broker_name, "broker-a");
}

TEST_F(SendTest, fails_without_effect_when_nobody_listens) {
  start();
  ASSERT_TRUE(send(1).ok());
  advance(100ms);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_EQ(ends[1].code, ErrorCode::REFUSED);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
}

TEST_F(SendTest, tells_the_brokers_error_with_code_and_remark) {
  make_broker();
  (*broker)
      ->script()
      .on(RequestCode::SEND_MESSAGE_V2)
      .then(fault::error(16, "the topic is not writable"));
  start();
  ASSERT_TRUE(send(1).ok());
  advance(50ms);
  EXPECT_EQ(ends[1].code, ErrorCode::NO_PERMISSION);
  EXPECT_EQ(last_error.response_code, 16);
  EXPECT_EQ(last_error.remark, "the topic is not writable");
}

TEST_F(SendTest, stored_but_not_flushed_is_a_success_with_its_status) {
  make_broker();
  (*broker)->script().on(RequestCode::SEND_MESSAGE_V2).then(fault::recode(10));
  start();
  ASSERT_TRUE(send(1).ok());
  advance(50ms);
  EXPECT_EQ(ends[1].code, ErrorCode::OK);
}

TEST_F(SendTest, refuses_what_is_over_the_bound_until_events_are_taken) {
  make_broker();
  ProducerOptions options;
  options.inflight_max = 3;
  start(options);
  for (std::uint64_t token = 0; token < 3; ++token) ASSERT_TRUE(send(token).ok());
  EXPECT_EQ(send(3).code(), ErrorCode::QUEUE_FULL);
  network.advance(100ms);
  EXPECT_EQ(send(4).code(), ErrorCode::QUEUE_FULL) << "answered, but not taken";
  take_events();
  EXPECT_TRUE(send(5).ok());
  advance(50ms);
  EXPECT_EQ(ends.size(), 4u);
}

TEST_F(SendTest, cancel_ends_that_send_once_and_leaves_the_others) {
  make_broker();
  (*broker)->script().on(RequestCode::SEND_MESSAGE_V2).then(fault::delay(200ms));
  start();
  for (std::uint64_t token = 0; token < 5; ++token) ASSERT_TRUE(send(token).ok());
  advance(50ms);
  ASSERT_TRUE(producer->cancel(2).ok());
  advance(20ms);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[2].code, ErrorCode::CANCELLED);
  EXPECT_EQ(ends[2].outcome, Outcome::maybe_applied);
  advance(500ms);
  EXPECT_EQ(ends.size(), 5u);
}

TEST_F(SendTest, close_drains_what_it_can_and_cuts_the_rest_at_its_limit) {
  make_broker();
  (*broker)->script().on(RequestCode::SEND_MESSAGE_V2).nth(2).then(fault::no_answer());
  start();
  for (std::uint64_t token = 0; token < 3; ++token) ASSERT_TRUE(send(token, 10s).ok());
  ASSERT_TRUE(producer->close_async(1s, {.token = 99}).ok());
  EXPECT_EQ(send(4).code(), ErrorCode::CLOSING);
  advance(900ms);
  EXPECT_EQ(ends.size(), 2u);
  advance(200ms);
  ASSERT_EQ(ends.size(), 3u);
  EXPECT_EQ(ends[1].code, ErrorCode::SHUTDOWN);
  EXPECT_EQ(ends[1].outcome, Outcome::maybe_applied);
}

TEST_F(SendTest, a_close_that_overtakes_the_start_closes_the_producer) {
  make_broker();
  host = std::make_shared<test::SimulatedHost>(network, "10.0.0.2", "");
  queue = std::make_shared<event::EventQueue>(100);
  producer = std::make_shared<Producer>(host, ProducerOptions{.group = "simulated"}, queue);
  message = OutgoingMessage::make("orders").take_value();
  bool is_closing = false;
  host->between_steps = [&] {
    if (!is_closing) is_closing = producer->close_async(1s, {.token = 99}).ok();
  };
  ASSERT_TRUE(producer->start().ok());
  host->between_steps = nullptr;
  ASSERT_TRUE(is_closing);
  network.run_until_idle();
  EXPECT_EQ(send(1).code(), ErrorCode::CLOSED);
}

// Random sends under random trouble; what each event says is held against the broker's store.
class SendSeeds : public SendTest, public ::testing::WithParamInterface<int> {
 protected:
  SendSeeds() : SendTest(static_cast<std::uint64_t>(GetParam())) {}
};

TEST_P(SendSeeds, every_send_ends_once_in_time_and_its_outcome_is_true) {
  RecordProperty("seed", GetParam());
  make_broker();
  auto& script = (*broker)->script();
  script.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::no_answer());
  script.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::drop_request());
  script.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::error(2, "busy"));
  script.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.02).then(fault::cut_half());
  script.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::duplicate());
  script.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.02).then(fault::garbage(40));
  script.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::delay(400ms));
  start();
  constexpr base::Duration kTimeout = 300ms;
  std::map<std::uint64_t, std::string> bodies;
  for (std::uint64_t token = 0; token < 150; ++token) {
    bodies[token] = "body " + std::to_string(token);
    message->set_body(base::as_bytes(bodies[token]));
    ASSERT_TRUE(send(token, kTimeout).ok());
    if (network.random().below(4) == 0) advance(10ms);
    if (network.random().below(40) == 0) {
      ASSERT_TRUE(producer->cancel(token).ok());
    }
  }
  advance(2s);

  std::map<std::string, int> stored;
  for (const testbroker::Message& each : (*broker)->store().messages("orders")) ++stored[each.body];
  ASSERT_EQ(ends.size(), 150u) << "seed " << GetParam();
  for (const auto& [token, end] : ends) {
    const int copies = stored[bodies[token]];
    // One write may keep a request beyond its deadline for as long as the stream holds its bytes.
    EXPECT_LE(end.after, kTimeout + 20ms) << "seed " << GetParam() << " token " << token;
    EXPECT_LE(copies, 1) << "seed " << GetParam() << " token " << token;
    if (end.code == ErrorCode::OK) {
      EXPECT_EQ(copies, 1) << "seed " << GetParam() << " token " << token;
    }
    if (end.code != ErrorCode::OK && end.outcome == Outcome::not_applied) {
      EXPECT_EQ(copies, 0) << "seed " << GetParam() << " token " << token;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, SendSeeds, ::testing::Range(1, 101));

}  // namespace
}  // namespace rmq::producer
