// A delivery in each of its states, for the cells of the second table in docs/events.md.
#pragma once

#include <thread>

#include "protocol/request_code.h"
#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {

inline testbroker::ServerOptions one_queue() {
  testbroker::ServerOptions options;
  options.topics = {{.name = "orders", .read_queues = 1, .write_queues = 1}};
  return options;
}

// A member of the group on a runtime of its own. The member whose instance sorts first gets the
// one queue.
struct Member {
  Member(const std::string& address, const char* instance)
      : runtime(make_runtime(
            {{"namesrv_addr", address}, {"instance_name", instance}, {"log_level", "info"}})) {
    logs = make_queue(runtime.get());
    EXPECT_EQ(rmq_runtime_set_event_queue(runtime.get(), RMQ_EVENT_LOG, logs.get(), nullptr),
              RMQ_OK);
    EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    queue = make_queue(runtime.get());
    consumer = make_consumer(
        runtime.get(), queue.get(),
        {{"consume_from_where", "first"}, {"persist_consumer_offset_interval", "100"}});
    EXPECT_EQ(rmq_consumer_subscribe(consumer.get(), "orders", SIZE_MAX, RMQ_EXPRESSION_TAG, "*",
                                     SIZE_MAX, nullptr),
              RMQ_OK);
    EXPECT_EQ(rmq_consumer_start(consumer.get(), nullptr), RMQ_OK);
  }
  Event next(std::int64_t timeout_ms = kLongMs) { return poll(queue.get(), timeout_ms); }
  // Until a log line tells that the queue is lost; the group's retry topic is lost in lines of its
  // own.
  bool wait_for_loss() {
    while (const Event event = poll(logs.get())) {
      rmq_log_view_t view{};
      if (rmq_event_log(event.get(), &view, sizeof view) != RMQ_OK) return false;
      const std::string_view line(view.line, view.line_bytes);
      if (std::string_view("queue_lost") == view.operation &&
          line.find(" topic=orders ") != std::string_view::npos)
        return true;
    }
    return false;
  }
  std::int32_t close(std::int64_t timeout_ms = kLongMs) {
    return rmq_consumer_close(consumer.get(), timeout_ms, nullptr);
  }

  Runtime runtime;
  EventQueue logs;
  EventQueue queue;
  PushConsumer consumer;
};

inline std::int32_t answer(const Event& event, std::int32_t with = RMQ_ANSWER_SUCCESS) {
  return code_of(
      [&](rmq_error_t** error) { return rmq_event_answer(event.get(), with, 0, error); });
}

class DeliveryStateTest : public testing::Test {
 protected:
  // One message in the only queue, of which `member` has the delivery.
  void queue() {
    Client sender(broker.address());
    ASSERT_EQ(sender.send(), RMQ_OK);
    ASSERT_TRUE(sender.next());
    member = std::make_unique<Member>(broker.address(), "m");
    while (rmq_event_queue_length(member->queue.get()) == 0) std::this_thread::yield();
  }
  void take() {
    queue();
    event = member->next();
    ASSERT_EQ(view_of(event).event_type, RMQ_EVENT_DELIVERY);
  }
  void answer_it() {
    take();
    ASSERT_EQ(answer(event), RMQ_OK);
  }
  void destroy() {
    take();
    expect_readable();
    event.reset();
  }

  // Another member takes the queue over.
  void lose_queue() {
    rival = std::make_unique<Member>(broker.address(), "a");
    ASSERT_TRUE(member->wait_for_loss());
  }
  // The message comes to the rival, too.
  void expect_at_rival() {
    const Event delivery = rival->next();
    ASSERT_EQ(view_of(delivery).event_type, RMQ_EVENT_DELIVERY);
    EXPECT_EQ(body_of(delivery), "hello");
    EXPECT_EQ(answer(delivery), RMQ_OK);
  }
  void expect_no_event() { EXPECT_FALSE(member->next(0)); }
  void expect_readable() { EXPECT_EQ(body_of(event), "hello"); }
  std::int64_t stored_offset() {
    std::int64_t offset = -1;
    broker.call([&](testbroker::Server& server) {
      offset = server.state().offsets.find("abi_tests", "orders", 0).value_or(-1);
    });
    return offset;
  }
  bool wait_for_stored_offset(std::int64_t offset) {
    return broker.wait_until([offset](testbroker::Server& server) {
      return server.state().offsets.find("abi_tests", "orders", 0) == offset;
    });
  }
  bool wait_for_send_back() {
    return broker.wait_until([](testbroker::Server& server) {
      return server.counts().requests_by_code.contains(
          static_cast<std::int32_t>(protocol::RequestCode::CONSUMER_SEND_MSG_BACK));
    });
  }

  static std::string body_of(const Event& event) {
    rmq_message_view_t view{};
    if (rmq_event_messages(event.get(), 0, &view, sizeof view, 1) != 1) return "none";
    return {static_cast<const char*>(view.body), view.body_bytes};
  }

  LoopbackServer broker{one_queue()};
  std::unique_ptr<Member> member;
  std::unique_ptr<Member> rival;
  Event event;
};

}  // namespace rmq::test::abi
