// Calls that ask servers, in the form that all of them have: recalls of timer messages, and the
// queues of a topic. Answers that come late or never, brokers and NameServers that are away, a
// close in the middle.
#include "client/cold_call.h"

#include "event/call_result.h"
#include "protocol/recall_handle.h"
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using base::Outcome;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

struct Result {
  ErrorCode code = ErrorCode::OK;
  Outcome outcome = Outcome::not_applied;
  std::string text;
  std::vector<event::QueueInfo> queues;
  std::int32_t count = 0;
  base::Error error;
  base::Duration after{};
};

class ColdCallTest : public ClusterTest {
 protected:
  void begin(std::string_view servers = "10.0.1.1:9876") {
    start(servers);
    began_ = network.now();
  }
  // A timer message that is on its broker; gives its recall handle.
  std::string send_timed(base::Duration delay) {
    auto message = OutgoingMessage::make(topic).take_value();
    message->set_body(base::as_bytes(std::string("timed")));
    EXPECT_TRUE(message->set_delay_ms(base::to_ms(delay)).ok());
    EXPECT_TRUE(producer->send_async(*message, message->body(), nullptr, {}).ok());
    network.advance(100ms);
    event::Event* event = nullptr;
    std::size_t count = 0;
    queue->poll({&event, 1}, base::Duration::zero(), &count);
    if (count == 0 || !event->parts().send_result) return {};
    std::string handle(event->parts().send_result->recall_handle);
    id_ = event->parts().message_id;
    event->destroy();
    began_ = network.now();
    return handle;
  }
  base::Status recall(const std::string& handle, std::uint64_t token = 1,
                      base::Duration timeout = 3s) {
    auto call = producer->make_recall(topic, handle, {.token = token});
    if (!call.ok()) return call.take_error();
    return producer->calls().start(call.take_value(), timeout);
  }
  base::Status queues(const std::string& of, std::uint64_t token = 1, base::Duration timeout = 3s) {
    auto call = producer->make_queues(of, {.token = token});
    if (!call.ok()) return call.take_error();
    return producer->calls().start(call.take_value(), timeout);
  }
  void take_results() {
    event::Event* event = nullptr;
    for (std::size_t count = 0; queue->poll({&event, 1}, base::Duration::zero(), &count) ==
                                event::EventQueue::PollEnd::events;) {
      if (event->type() != event::EventType::result) {
        event->destroy();
        continue;
      }
      EXPECT_FALSE(results.contains(event->token())) << "a second event for " << event->token();
      Result& result = results[event->token()];
      result.code = event->error_code();
      result.outcome = event->outcome();
      result.after = network.now() - began_;
      if (event->error()) result.error = *event->error();
      if (const event::CallResult* told = event->call_result()) {
        result.text = *event->parts().text;
        result.queues = told->queues;
        result.count = told->count;
      }
      event->destroy();
    }
  }
  void wait(base::Duration by) {
    for (base::Duration done{0}; done < by; done += 10ms) {
      network.advance(10ms);
      take_results();
    }
  }
  std::size_t delivered() {
    std::size_t count = 0;
    for (const auto& broker : brokers) count += (*broker)->store().messages(topic).size();
    return count;
  }
  testbroker::Script& script() { return (*brokers[0])->script(); }
  void TearDown() override {
    if (!producer) return;
    producer->abandon();
    EXPECT_TRUE(host->close());
    take_results();
  }

  std::map<std::uint64_t, Result> results;
  std::string id_;
  base::Instant began_{};
};

class Recall : public ColdCallTest {
 protected:
  Recall() { recalls = true; }
  void begin_with_one_broker() {
    add_name_server(1);
    add_broker(1, {{.name = "orders"}});
    begin();
  }
};

TEST_F(Recall, takes_the_message_back_and_tells_its_id) {
  begin_with_one_broker();
  const std::string recalled = send_timed(5s);
  const std::string id = id_;
  ASSERT_FALSE(send_timed(5s).empty());
  ASSERT_TRUE(recall(recalled).ok());
  wait(100ms);
  ASSERT_TRUE(results.contains(1));
  EXPECT_EQ(results[1].code, ErrorCode::OK) << results[1].error.message;
  EXPECT_EQ(results[1].outcome, Outcome::applied);
  EXPECT_EQ(results[1].text, id);
  wait(10s);
  EXPECT_EQ(delivered(), 1u) << "the other message only";
}

TEST_F(Recall, goes_to_the_broker_that_has_the_message) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  add_broker(2, {{.name = "orders"}});
  begin();
  std::set<std::string> asked;
  for (std::uint64_t token = 1; token <= 8; ++token) {
    const std::string handle = send_timed(60s);
    asked.insert(protocol::parse_recall_handle(handle)->broker_name);
    ASSERT_TRUE(recall(handle, token).ok());
    wait(100ms);
    EXPECT_EQ(results[token].code, ErrorCode::OK) << results[token].error.message;
  }
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(Recall, of_a_route_that_nobody_knows_yet_asks_for_it) {
  begin_with_one_broker();
  const std::string handle = send_timed(30s);
  auto other = std::make_shared<Producer>(host, ProducerOptions{.group = "other"}, queue);
  ASSERT_TRUE(other->start().ok());
  auto call = other->make_recall(topic, handle, {.token = 5});
  ASSERT_TRUE(call.ok());
  ASSERT_TRUE(other->calls().start(call.take_value(), 3s).ok());
  wait(100ms);
  EXPECT_EQ(results[5].code, ErrorCode::OK) << results[5].error.message;
  other->abandon();
}

TEST_F(Recall, explains_what_the_broker_refuses) {
  recalls = false;
  begin_with_one_broker();
  const std::string handle = send_timed(2s);
  ASSERT_TRUE(recall(handle, 1).ok());
  wait(100ms);
  EXPECT_EQ(results[1].code, ErrorCode::NO_PERMISSION);
  EXPECT_EQ(results[1].outcome, Outcome::not_applied);
  EXPECT_NE(results[1].error.hint.find("recallMessageEnable"), std::string::npos);
  EXPECT_EQ(results[1].error.topic, "orders");
  EXPECT_EQ(results[1].error.broker_name, "broker-a");
  EXPECT_EQ(results[1].error.message_id, id_);
  EXPECT_EQ(results[1].error.group, "simulated");
  EXPECT_EQ(delivered(), 0u);
  wait(4s);
  EXPECT_EQ(delivered(), 1u);
}

TEST_F(Recall, that_is_too_late_says_so) {
  begin_with_one_broker();
  const std::string handle = send_timed(1s);
  wait(3s);
  ASSERT_EQ(delivered(), 1u);
  ASSERT_TRUE(recall(handle).ok());
  wait(100ms);
  EXPECT_EQ(results[1].code, ErrorCode::BROKER);
  EXPECT_EQ(results[1].error.response_code, 604);
  EXPECT_NE(results[1].error.hint.find("until its time"), std::string::npos);
}

TEST_F(Recall, of_an_unreadable_handle_or_another_topic_is_refused_here) {
  begin_with_one_broker();
  const std::string handle = send_timed(5s);
  EXPECT_EQ(recall("no handle").code(), ErrorCode::ARGUMENT);
  EXPECT_EQ(recall("").code(), ErrorCode::ARGUMENT);
  topic = "bills";
  const base::Status status = recall(handle);
  EXPECT_EQ(status.code(), ErrorCode::ARGUMENT);
  EXPECT_NE(status.error().message.find("`orders`"), std::string::npos);
  topic = "orders";
  wait(1s);
  EXPECT_TRUE(results.empty());
}

TEST_F(Recall, whose_answer_is_lost_may_have_worked_and_can_be_repeated) {
  begin_with_one_broker();
  const std::string handle = send_timed(10s);
  script().on(RequestCode::RECALL_MESSAGE).nth(1).then(fault::no_answer());
  ASSERT_TRUE(recall(handle, 1, 1s).ok());
  wait(1200ms);
  EXPECT_EQ(results[1].code, ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(results[1].outcome, Outcome::maybe_applied);
  EXPECT_EQ(results[1].error.limit_ms, 1000);
  ASSERT_TRUE(recall(handle, 2).ok());
  wait(100ms);
  EXPECT_EQ(results[2].code, ErrorCode::OK);
  wait(15s);
  EXPECT_EQ(delivered(), 0u);
}

TEST_F(Recall, answered_after_its_time_has_one_end) {
  begin_with_one_broker();
  const std::string handle = send_timed(10s);
  script().on(RequestCode::RECALL_MESSAGE).nth(1).then(fault::delay(2s));
  ASSERT_TRUE(recall(handle, 1, 1s).ok());
  wait(5s);
  EXPECT_EQ(results[1].code, ErrorCode::REQUEST_TIMEOUT);
}

TEST_F(Recall, waits_for_a_broker_that_is_away_until_its_time_limit) {
  begin_with_one_broker();
  const std::string handle = send_timed(30s);
  (*brokers[0])->crash(4s, testbroker::Memory::kept);
  wait(100ms);
  ASSERT_TRUE(recall(handle, 1, 2s).ok());
  ASSERT_TRUE(recall(handle, 2, 15s).ok());
  wait(2500ms);
  ASSERT_TRUE(results.contains(1));
  EXPECT_NE(results[1].code, ErrorCode::OK);
  EXPECT_EQ(results[1].outcome, Outcome::not_applied) << "nothing was written";
  wait(13s);
  EXPECT_EQ(results[2].code, ErrorCode::OK) << results[2].error.message;
}

TEST_F(Recall, cut_short_by_a_close_ends_once_and_tells_what_may_have_happened) {
  begin_with_one_broker();
  const std::string handle = send_timed(30s);
  script().on(RequestCode::RECALL_MESSAGE).then(fault::no_answer());
  ASSERT_TRUE(recall(handle, 1, 60s).ok());
  wait(100ms);
  ASSERT_TRUE(producer->close_async(1s, {.token = 9}).ok());
  EXPECT_EQ(recall(handle, 2).code(), ErrorCode::CLOSING);
  network.advance(500ms);
  EXPECT_EQ(queue->size(), 0u) << "it may end by itself until then";
  network.advance(600ms);
  event::Event* events[3] = {};
  std::size_t count = 0;
  queue->poll({events, 3}, base::Duration::zero(), &count);
  ASSERT_EQ(count, 2u);
  EXPECT_EQ(events[0]->type(), event::EventType::result);
  EXPECT_EQ(events[0]->error_code(), ErrorCode::SHUTDOWN);
  EXPECT_EQ(events[0]->outcome(), Outcome::maybe_applied);
  EXPECT_EQ(events[1]->type(), event::EventType::closed);
  EXPECT_EQ(events[1]->error_code(), ErrorCode::CLOSE_TIMEOUT);
  EXPECT_EQ(events[1]->error()->count, 1);
  for (event::Event* event : events) {
    if (event != nullptr) event->destroy();
  }
}

TEST_F(Recall, of_a_producer_that_is_given_up_ends_at_once) {
  begin_with_one_broker();
  const std::string handle = send_timed(30s);
  script().on(RequestCode::RECALL_MESSAGE).then(fault::no_answer());
  ASSERT_TRUE(recall(handle, 1, 60s).ok());
  wait(100ms);
  ASSERT_TRUE(recall(handle, 2, 60s).ok());  // still on its way to the loop
  producer->abandon();
  wait(100ms);
  EXPECT_EQ(results[1].code, ErrorCode::SHUTDOWN);
  EXPECT_EQ(results[1].outcome, Outcome::maybe_applied);
  EXPECT_EQ(results[2].code, ErrorCode::SHUTDOWN);
}

TEST_F(Recall, is_bounded_for_one_handle) {
  begin_with_one_broker();
  const std::string handle = send_timed(30s);
  for (std::int64_t i = 0; i < client::ColdCalls::kCallsMax; ++i) {
    ASSERT_TRUE(recall(handle, static_cast<std::uint64_t>(i)).ok());
  }
  EXPECT_EQ(recall(handle, 5000).code(), ErrorCode::QUEUE_FULL);
  wait(500ms);
  EXPECT_EQ(results.size(), static_cast<std::size_t>(client::ColdCalls::kCallsMax));
  EXPECT_TRUE(recall(handle, 5001).ok()) << "the events were taken";
}

TEST_F(Recall, is_refused_to_block_on_the_driving_thread) {
  begin_with_one_broker();
  auto call = producer->make_queues("orders", {});
  const auto ended = producer->calls().wait(call.take_value(), 1s);
  EXPECT_EQ(ended.error().code, ErrorCode::WRONG_THREAD);
}

class Queues : public ColdCallTest {};

TEST_F(Queues, are_those_of_all_brokers_that_can_be_written_to) {
  add_name_server(1);
  add_broker(1, {{.name = "orders", .read_queues = 3, .write_queues = 2}});
  add_broker(2, {{.name = "orders", .read_queues = 1, .write_queues = 1}});
  begin();
  ASSERT_TRUE(queues("orders").ok());
  wait(100ms);
  ASSERT_EQ(results[1].code, ErrorCode::OK) << results[1].error.message;
  ASSERT_EQ(results[1].queues.size(), 3u);
  EXPECT_EQ(results[1].count, 3);
  EXPECT_EQ(results[1].queues[0].broker_name, "broker-a");
  EXPECT_EQ(results[1].queues[1].queue_id, 1);
  EXPECT_EQ(results[1].queues[2].broker_name, "broker-b");
  EXPECT_EQ(results[1].queues[2].topic, "orders");
  EXPECT_EQ(results[1].queues[2].offset, -1);
}

TEST_F(Queues, of_a_topic_that_does_not_exist_fail_at_once) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  begin();
  ASSERT_TRUE(queues("none").ok());
  wait(200ms);
  ASSERT_TRUE(results.contains(1));
  EXPECT_EQ(results[1].code, ErrorCode::NO_ROUTE);
  EXPECT_EQ(results[1].error.topic, "none");
}

// Its sends go by the route of the default topic, which says nothing of the topic itself.
TEST_F(Queues, of_a_topic_that_a_send_is_about_to_create_fail_and_then_are_there) {
  add_name_server(1);
  add_broker(1, {}, true);
  topic = "later";
  begin();
  script().on(RequestCode::SEND_MESSAGE_V2).then(fault::drop_request());
  ASSERT_TRUE(send(7, 10s).ok());
  network.advance(200ms);
  ASSERT_TRUE(queues("later", 1).ok());
  wait(1500ms);
  ASSERT_TRUE(results.contains(1));
  EXPECT_EQ(results[1].code, ErrorCode::NO_ROUTE);
}

TEST_F(Queues, wait_for_a_name_server_until_their_time_limit) {
  add_broker(1, {{.name = "orders"}});
  begin();
  ASSERT_TRUE(queues("orders", 1, 2s).ok());
  ASSERT_TRUE(queues("orders", 2, 30s).ok());
  wait(2100ms);
  ASSERT_TRUE(results.contains(1));
  EXPECT_EQ(results[1].code, ErrorCode::NO_NAMESERVER);
  EXPECT_GE(results[1].after, 2s);
  EXPECT_EQ(results[1].error.limit_ms, 2000);
  add_name_server(1);
  wait(20s);
  EXPECT_EQ(results[2].code, ErrorCode::OK) << results[2].error.message;
}

TEST_F(Queues, whose_route_has_none_for_writing_say_so) {
  add_name_server(1);
  add_broker(1, {{.name = "orders", .write_queues = 0}});
  begin();
  ASSERT_TRUE(queues("orders").ok());
  wait(100ms);
  EXPECT_EQ(results[1].code, ErrorCode::NO_ROUTE);
  EXPECT_NE(results[1].error.message.find("no queue"), std::string::npos);
}

TEST_F(Queues, that_wait_for_a_route_end_with_the_producer) {
  begin();
  ASSERT_TRUE(queues("orders", 1, 60s).ok());
  wait(100ms);
  producer->abandon();
  wait(100ms);
  EXPECT_EQ(results[1].code, ErrorCode::SHUTDOWN);
  EXPECT_EQ(results[1].outcome, Outcome::not_applied);
}

}  // namespace
}  // namespace rmq::producer::testing
