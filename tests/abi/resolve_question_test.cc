// RMQ_EVENT_RESOLVE: the host program says which addresses a name has, in time or too late, once or
// twice, with a runtime behind the question or without one.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

constexpr std::int64_t kShortMs = 150;  // a time limit that a test waits out

// A producer that sends to the host "broker.test", and the queue of the questions about it.
struct Asker {
  explicit Asker(std::uint16_t port, Options options = {})
      : runtime(make_runtime(options)),
        destination(make_destination("broker.test:" + std::to_string(port))),
        message(make_message()) {
    questions = make_queue(runtime.get());
    EXPECT_EQ(
        rmq_runtime_set_event_queue(runtime.get(), RMQ_EVENT_RESOLVE, questions.get(), nullptr),
        RMQ_OK);
    EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    events = make_queue(runtime.get());
    producer = make_producer(runtime.get(), events.get());
    EXPECT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  }

  void send() {
    EXPECT_EQ(rmq_producer_send_async(producer.get(), message.get(), destination.get(), 0, kLongMs,
                                      1, nullptr, nullptr),
              RMQ_OK);
  }
  // Sends, and gives the question that the send raises.
  Event ask() {
    send();
    Event question = poll(questions.get());
    EXPECT_NE(question, nullptr);
    return question;
  }
  std::int32_t outcome() { return code_of(poll(events.get())); }

  Runtime runtime;
  EventQueue questions;
  EventQueue events;
  Producer producer;
  Destination destination;
  Message message;
};

std::int32_t answer(const Event& question, const char* text, std::string* message = nullptr) {
  return code_of(
      [&](rmq_error_t** error) {
        return rmq_event_answer_text(question.get(), text, text ? SIZE_MAX : 0, error);
      },
      message);
}

TEST(ResolveQuestion, shows_the_name_and_takes_its_address) {
  LoopbackServer broker;
  Asker asker(broker.port());
  const Event question = asker.ask();
  rmq_event_view_t view{};
  ASSERT_EQ(rmq_event_view(question.get(), &view, sizeof view), RMQ_OK);
  EXPECT_EQ(view_of(question).event_type, RMQ_EVENT_RESOLVE);
  std::size_t bytes = 0;
  EXPECT_STREQ(rmq_event_text(question.get(), &bytes), "broker.test");
  EXPECT_EQ(bytes, std::string("broker.test").size());

  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_OK);
  EXPECT_EQ(asker.outcome(), RMQ_OK);
  EXPECT_EQ(broker.messages("orders").size(), 1u);
}

TEST(ResolveQuestion, takes_several_addresses_and_tries_them_in_turn) {
  LoopbackServer broker;
  Asker asker(broker.port());
  EXPECT_EQ(answer(asker.ask(), "::1;127.0.0.1"), RMQ_OK);
  EXPECT_EQ(asker.outcome(), RMQ_OK);
}

TEST(ResolveQuestion, is_not_asked_about_an_address) {
  LoopbackServer broker;
  Asker asker(broker.port());
  asker.destination = make_destination(broker.address());
  asker.send();
  EXPECT_EQ(asker.outcome(), RMQ_OK);
  EXPECT_EQ(rmq_event_queue_length(asker.questions.get()), 0);
}

TEST(ResolveQuestion, answered_with_no_text_means_that_the_name_cannot_be_resolved) {
  for (const char* nothing : {"", static_cast<const char*>(nullptr)}) {
    Asker asker(1);
    EXPECT_EQ(answer(asker.ask(), nothing), RMQ_OK);
    const Event event = poll(asker.events.get());
    EXPECT_EQ(code_of(event), RMQ_ERROR_CANNOT_RESOLVE);
    rmq_event_view_t view{};
    ASSERT_EQ(rmq_event_view(event.get(), &view, sizeof view), RMQ_OK);
    EXPECT_NE(std::string(view.error_message).find("broker.test"), std::string::npos);
  }
}

TEST(ResolveQuestion, answered_twice_says_so_and_keeps_the_first_answer) {
  LoopbackServer broker;
  Asker asker(broker.port());
  const Event question = asker.ask();
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_OK);
  EXPECT_EQ(answer(question, ""), RMQ_ERROR_ALREADY_ANSWERED);
  EXPECT_EQ(asker.outcome(), RMQ_OK);
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_ERROR_ALREADY_ANSWERED);
}

TEST(ResolveQuestion, stays_open_when_the_answer_is_not_an_address) {
  LoopbackServer broker;
  Asker asker(broker.port());
  const Event question = asker.ask();
  std::string message;
  EXPECT_EQ(answer(question, "127.0.0.1;localhost", &message), RMQ_ERROR_ARGUMENT);
  EXPECT_NE(message.find("localhost"), std::string::npos) << message;
  EXPECT_EQ(answer(question, "127.0.0.1:10911"), RMQ_ERROR_ARGUMENT);
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_OK);
  EXPECT_EQ(asker.outcome(), RMQ_OK);
}

TEST(ResolveQuestion, destroyed_unanswered_means_that_the_name_cannot_be_resolved) {
  Asker asker(1);
  asker.ask();
  EXPECT_EQ(asker.outcome(), RMQ_ERROR_CANNOT_RESOLVE);
}

TEST(ResolveQuestion, never_taken_ends_with_its_queue) {
  Asker asker(1);
  asker.send();
  Event question = poll(asker.questions.get());  // so that it is known to have been asked
  asker.questions.reset();
  EXPECT_EQ(code_of(poll(asker.events.get(), 0)), -1) << "a taken question outlives its queue";
  question.reset();
  EXPECT_EQ(asker.outcome(), RMQ_ERROR_CANNOT_RESOLVE);
}

TEST(ResolveQuestion, answered_after_the_connect_timeout_is_stale) {
  Asker asker(1, {{"connect_timeout", std::to_string(kShortMs)}});
  const Event question = asker.ask();
  EXPECT_EQ(asker.outcome(), RMQ_ERROR_CONNECT_TIMEOUT);
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_ERROR_STALE);
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_ERROR_STALE);
}

// Each attempt to connect asks anew: a host that polls seldom finds one question, not hundreds.
TEST(ResolveQuestion, leaves_its_queue_when_nobody_waits_any_more) {
  Asker asker(
      1,
      {{"connect_timeout", "20"}, {"reconnect_backoff_min", "1"}, {"reconnect_backoff_max", "1"}});
  for (int i = 0; i < 10; ++i) {
    asker.send();
    EXPECT_EQ(asker.outcome(), RMQ_ERROR_CONNECT_TIMEOUT);
    EXPECT_LE(rmq_event_queue_length(asker.questions.get()), 1u);
  }
  asker.producer.reset();
  asker.runtime.reset();
  EXPECT_FALSE(poll(asker.questions.get(), 0));
}

TEST(ResolveQuestion, outlives_the_runtime_that_asked_it) {
  Event question;
  {
    Asker asker(1);
    question = asker.ask();
    asker.producer.reset();
    asker.runtime.reset();
    EXPECT_EQ(asker.outcome(), RMQ_ERROR_SHUTDOWN);
  }
  EXPECT_STREQ(rmq_event_text(question.get(), nullptr), "broker.test");
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_ERROR_STALE);
}

TEST(ResolveQuestion, is_answered_while_the_runtime_goes) {
  for (int round = 0; round < 50; ++round) {
    LoopbackServer broker;
    Asker asker(broker.port());
    const Event question = asker.ask();
    std::thread answering([&] {
      const std::int32_t code = answer(question, "127.0.0.1");
      EXPECT_TRUE(code == RMQ_OK || code == RMQ_ERROR_STALE) << code;
    });
    asker.producer.reset();
    asker.runtime.reset();
    answering.join();
  }
}

// Steps until `done` holds; false when that takes too long.
template <typename Done>
bool drive(rmq_runtime_t* runtime, Done done) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kLongMs);
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    EXPECT_EQ(rmq_runtime_step(runtime, nullptr), RMQ_OK);
  }
  return true;
}

TEST(ResolveQuestion, of_a_driven_runtime_is_answered_between_steps) {
  LoopbackServer broker;
  Asker asker(broker.port(), {{"run_mode", "driven"}});
  asker.send();
  Event question;
  ASSERT_TRUE(drive(asker.runtime.get(), [&] {
    question = poll(asker.questions.get(), 0);
    return question != nullptr;
  }));
  EXPECT_EQ(threads_of(asker.runtime.get()), 0);
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_OK);
  Event sent;
  ASSERT_TRUE(drive(asker.runtime.get(), [&] {
    sent = poll(asker.events.get(), 0);
    return sent != nullptr;
  }));
  EXPECT_EQ(code_of(sent), RMQ_OK);
}

TEST(ResolveQuestion, of_a_driven_runtime_that_is_destroyed_is_stale) {
  Event question;
  {
    Asker asker(1, {{"run_mode", "driven"}});
    asker.send();
    ASSERT_TRUE(drive(asker.runtime.get(), [&] {
      question = poll(asker.questions.get(), 0);
      return question != nullptr;
    }));
    asker.producer.reset();
    asker.runtime.reset();
    EXPECT_EQ(code_of(poll(asker.events.get(), 0)), RMQ_ERROR_SHUTDOWN);
  }
  EXPECT_EQ(answer(question, "127.0.0.1"), RMQ_ERROR_STALE);
}

}  // namespace
}  // namespace rmq::test::abi
