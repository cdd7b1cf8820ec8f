// RMQ_EVENT_ERROR: what goes wrong in the background reaches whoever asked for it, and no other.
#include <gtest/gtest.h>

#include <string>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

constexpr std::int64_t kQuietMs = 300;  // for an event that must not come
constexpr const char* kNobody = "127.0.0.1:1";

struct Told {
  std::int32_t code = RMQ_OK;
  std::uint64_t token = 0;
  bool wants_answer = true;
  std::int64_t count = 0;
  std::string topic;
  std::string group;
  std::string address;
};

// The next error event; events of other types are passed over.
Told next_error(rmq_event_queue_t* queue) {
  for (Event event = poll(queue); event; event = poll(queue)) {
    if (view_of(event).event_type != RMQ_EVENT_ERROR) continue;
    rmq_event_view_t view{};
    rmq_error_view_t error{};
    EXPECT_EQ(rmq_event_view(event.get(), &view, sizeof view), RMQ_OK);
    EXPECT_EQ(rmq_error_view(view_of(event).error, &error, sizeof error), RMQ_OK);
    EXPECT_EQ(error.code, view.error_code);
    EXPECT_NE(error.message_bytes, 0u);
    return {.code = error.code,
            .token = view.token,
            .wants_answer = rmq_event_answer(event.get(), RMQ_ANSWER_SUCCESS, 0, nullptr) == RMQ_OK,
            .count = error.count,
            .topic = text_of(error.topic),
            .group = text_of(error.group),
            .address = text_of(error.address)};
  }
  ADD_FAILURE() << "no error event came";
  return {};
}

TEST(ErrorEvent, of_a_consumer_names_its_topic_and_group) {
  LoopbackServer broker;
  const Runtime runtime = make_runtime({{"namesrv_addr", broker.address()}});
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const EventQueue queue = make_queue(runtime.get());
  const PushConsumer consumer = make_consumer(runtime.get(), queue.get());
  ASSERT_EQ(rmq_consumer_subscribe(consumer.get(), "misspelt", SIZE_MAX, RMQ_EXPRESSION_TAG, "*",
                                   SIZE_MAX, nullptr),
            RMQ_OK);
  ASSERT_EQ(rmq_consumer_start(consumer.get(), nullptr), RMQ_OK);
  const Told told = next_error(queue.get());
  EXPECT_EQ(told.code, RMQ_ERROR_NO_ROUTE);
  EXPECT_EQ(told.token, 7u);
  EXPECT_FALSE(told.wants_answer);
  EXPECT_GE(told.count, 1);
  EXPECT_EQ(told.topic, "misspelt");
  EXPECT_EQ(told.group, "abi_tests");
}

// A broker that refuses the heartbeats of producers.
void refuse_heartbeats(LoopbackServer& broker) {
  broker.call([](testbroker::Server& server) {
    server.script()
        .on(protocol::RequestCode::HEART_BEAT)
        .then(testbroker::fault::error(static_cast<std::int32_t>(1), "not you"));
  });
}

TEST(ErrorEvent, of_a_producer_comes_when_events_says_error) {
  LoopbackServer broker;
  refuse_heartbeats(broker);
  for (const bool asks : {true, false}) {
    const Runtime runtime = make_runtime({{"namesrv_addr", broker.address()}});
    ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    const EventQueue queue = make_queue(runtime.get());
    const Producer producer =
        make_producer(runtime.get(), queue.get(), asks ? Options{{"events", "error"}} : Options{});
    ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
    const Message message = make_message();
    ASSERT_EQ(
        rmq_producer_send(producer.get(), message.get(), nullptr, 0, kLongMs, nullptr, nullptr),
        RMQ_OK);
    if (asks) {
      const Told told = next_error(queue.get());
      EXPECT_EQ(told.group, "abi_tests");
      EXPECT_EQ(told.address, broker.address());
      EXPECT_FALSE(told.wants_answer);
    } else {
      EXPECT_FALSE(poll(queue.get(), kQuietMs));
    }
  }
}

TEST(ErrorEvent, of_a_runtime_tells_of_servers_that_cannot_be_reached) {
  for (const bool asks : {true, false}) {
    Options options = {{"namesrv_addr", kNobody}};
    if (asks) options.emplace_back("events", "error");
    const Runtime runtime = make_runtime(options);
    ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    const EventQueue queue = make_queue(runtime.get());
    const Producer producer = make_producer(runtime.get(), queue.get());
    ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
    const Message message = make_message();
    EXPECT_NE(rmq_producer_send(producer.get(), message.get(), nullptr, 0, 200, nullptr, nullptr),
              RMQ_OK);
    rmq_event_queue_t* const default_queue = rmq_runtime_event_queue(runtime.get());
    if (asks) {
      EXPECT_EQ(next_error(default_queue).address, kNobody);
    } else {
      EXPECT_FALSE(poll(default_queue, kQuietMs));
    }
    EXPECT_FALSE(poll(queue.get(), 0)) << "the producer did not ask";
  }
}

}  // namespace
}  // namespace rmq::test::abi
