// An event in each of its states, for the cells of the table in docs/events.md.
#pragma once

#include <thread>

#include "protocol/request_code.h"
#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {

class EventStateTest : public testing::Test {
 protected:
  enum class Answers { given, withheld };

  // One send of token 1, with room for no second one.
  void start_send(Answers answers) {
    if (answers == Answers::withheld) {
      broker.call([](testbroker::Server& server) {
        server.script()
            .on(protocol::RequestCode::SEND_MESSAGE_V2)
            .nth(1)
            .then(testbroker::fault::no_answer());
      });
    }
    client = std::make_unique<Client>(
        broker.address(), Options{{"max_inflight", "1"}, {"queue_full_policy", "error"}});
    ASSERT_EQ(client->send(1), RMQ_OK);
    ASSERT_TRUE(broker.wait_until(
        [](testbroker::Server& server) { return server.counts().requests_by_code.contains(310); }));
  }
  void reserve() { start_send(Answers::withheld); }
  void queue() {
    start_send(Answers::given);
    wait_for_length(1);
  }
  void take() {
    start_send(Answers::given);
    event = client->next();
    ASSERT_EQ(view_of(event).token, 1u);
  }
  void cancel() {
    start_send(Answers::withheld);
    ASSERT_EQ(rmq_producer_cancel(client->producer.get(), 1, nullptr), RMQ_OK);
  }
  void destroy() {
    take();
    event.reset();
  }

  void wait_for_length(std::size_t length) {
    while (rmq_event_queue_length(client->queue.get()) < length) std::this_thread::yield();
  }
  // The one event of the send, and nothing after it.
  void expect_one_event(std::int32_t code) {
    const Event one = client->next();
    ASSERT_TRUE(one);
    EXPECT_EQ(view_of(one).token, 1u);
    EXPECT_EQ(code_of(one), code);
    EXPECT_GT(read_whole(one.get()), 0u);
    expect_no_event();
  }
  void expect_no_event() { EXPECT_FALSE(client->next(0)); }
  void expect_readable() {
    rmq_event_view_t view{};
    ASSERT_EQ(rmq_event_view(event.get(), &view, sizeof view), RMQ_OK);
    EXPECT_EQ(view.status, RMQ_SEND_OK);
    EXPECT_GT(read_whole(event.get()), 0u);
  }
  // Room that was given back is room for the next send.
  void expect_room() {
    std::int32_t code = RMQ_ERROR_QUEUE_FULL;
    while ((code = client->send(2)) == RMQ_ERROR_QUEUE_FULL) std::this_thread::yield();
    EXPECT_EQ(code, RMQ_OK);
  }
  std::int32_t poll_code() {
    rmq_event_t* none = nullptr;
    const std::int32_t code = poll_one(client->queue.get(), 0, &none, nullptr);
    return none ? -1 : code;
  }

  LoopbackServer broker;
  std::unique_ptr<Client> client;
  Event event;
};

}  // namespace rmq::test::abi
