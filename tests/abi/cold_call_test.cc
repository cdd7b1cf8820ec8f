// Calls that ask servers, in both of their forms.
#include <atomic>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

using protocol::RequestCode;
namespace fault = testbroker::fault;

testbroker::ServerOptions make_server_options() {
  testbroker::ServerOptions options;
  options.topics = {{.name = "orders", .read_queues = 3, .write_queues = 3}};
  options.recalls = true;
  return options;
}

class ColdCall : public testing::Test {
 protected:
  std::int32_t queues(std::uint64_t token, rmq_event_t** event, std::int64_t timeout_ms = kLongMs,
                      rmq_error_t** error = nullptr) {
    return rmq_producer_queues(client.producer.get(), "orders", SIZE_MAX, timeout_ms, token, this,
                               event, error);
  }
  std::int32_t recall(const std::string& handle, std::uint64_t token, rmq_event_t** event,
                      std::int64_t timeout_ms = kLongMs) {
    return rmq_producer_recall(client.producer.get(), "orders", SIZE_MAX, handle.data(),
                               handle.size(), timeout_ms, token, this, event, nullptr);
  }
  // Gives the recall handle.
  std::string send_timed() {
    const Message message = make_message();
    EXPECT_EQ(rmq_message_set_number(message.get(), RMQ_FIELD_DELAY_MS, 3'600'000, nullptr),
              RMQ_OK);
    rmq_event_t* sent = nullptr;
    EXPECT_EQ(rmq_producer_send(client.producer.get(), message.get(), nullptr, 0, kLongMs, &sent,
                                nullptr),
              RMQ_OK);
    const Event event(sent);
    rmq_send_result_view_t result{};
    EXPECT_EQ(rmq_event_send_result(event.get(), &result, sizeof result), RMQ_OK);
    id = text_of(result.message_id);
    return text_of(result.recall_handle);
  }
  void hold(RequestCode code) {
    broker.call(
        [code](testbroker::Server& server) { server.script().on(code).then(fault::hold()); });
  }
  bool wait_until_held() {
    return broker.wait_until([](testbroker::Server& server) { return server.held_count() >= 1; });
  }

  LoopbackServer broker{make_server_options()};
  Client client{broker.address(), {}, {{"namesrv_addr", broker.address()}}};
  std::string id;
};

void expect_three_queues(rmq_event_t* event) {
  const rmq_event_view_t view = view_of(event);
  EXPECT_EQ(view.event_type, RMQ_EVENT_RESULT);
  EXPECT_EQ(view.error_code, RMQ_OK);
  EXPECT_EQ(view.count, 3);
  EXPECT_EQ(view.status, -1);
  EXPECT_EQ(view.wants_answer, 0);
  rmq_queue_view_t queues[4] = {};
  ASSERT_EQ(rmq_event_queues(event, 0, queues, sizeof queues[0], 4), 3u);
  EXPECT_EQ(text_of(queues[2].topic), "orders");
  EXPECT_EQ(text_of(queues[2].broker_name), "broker-a");
  EXPECT_EQ(queues[2].queue_id, 2);
  EXPECT_EQ(queues[2].offset, -1);
  EXPECT_EQ(queues[2].timestamp_ms, -1);
  EXPECT_EQ(queues[2].error_code, RMQ_OK);
  EXPECT_EQ(rmq_event_queues(event, 2, queues, sizeof queues[0], 4), 1u);
  EXPECT_EQ(queues[0].queue_id, 2);
  EXPECT_EQ(rmq_event_queues(event, 3, queues, sizeof queues[0], 4), 0u);
  EXPECT_EQ(rmq_event_queues(event, SIZE_MAX, queues, sizeof queues[0], 4), 0u);
  EXPECT_EQ(rmq_event_queues(event, 0, queues, sizeof queues[0], 0), 0u);
  EXPECT_EQ(rmq_event_queues(event, 0, nullptr, sizeof queues[0], 4), 0u);
}

TEST_F(ColdCall, without_an_event_ends_on_the_queue_of_the_handle) {
  ASSERT_EQ(queues(77, nullptr), RMQ_OK);
  const Event event = client.next();
  ASSERT_TRUE(event);
  EXPECT_EQ(view_of(event).token, 77u);
  EXPECT_EQ(view_of(event).user_data, this);
  expect_three_queues(event.get());
  EXPECT_EQ(text_of(rmq_event_text(event.get(), nullptr)), "");
}

TEST_F(ColdCall, with_an_event_blocks_and_no_queue_shows_it) {
  rmq_event_t* ended = nullptr;
  ASSERT_EQ(queues(77, &ended), RMQ_OK);
  const Event event(ended);
  expect_three_queues(event.get());
  EXPECT_EQ(rmq_event_queue_length(client.queue.get()), 0u);
}

TEST_F(ColdCall, fills_views_of_every_size) {
  rmq_event_t* ended = nullptr;
  ASSERT_EQ(queues(1, &ended), RMQ_OK);
  const Event event(ended);
  struct Newer {
    rmq_queue_view_t view;
    std::uint64_t unknown;
  } newer[3] = {{{}, 7}, {{}, 7}, {{}, 7}};
  EXPECT_EQ(rmq_event_queues(event.get(), 0, &newer[0].view, sizeof newer[0], 3), 3u);
  EXPECT_EQ(newer[2].view.queue_id, 2);
  EXPECT_EQ(newer[2].unknown, 0u);
  EXPECT_EQ(rmq_event_queues(event.get(), 0, &newer[0].view, 4, 3), 0u);
}

TEST_F(ColdCall, recalls_a_timer_message_in_both_forms) {
  rmq_event_t* ended = nullptr;
  ASSERT_EQ(recall(send_timed(), 0, &ended), RMQ_OK);
  const Event blocking(ended);
  EXPECT_EQ(text_of(rmq_event_text(blocking.get(), nullptr)), id);
  ASSERT_EQ(recall(send_timed(), 5, nullptr), RMQ_OK);
  const Event queued = client.next();
  EXPECT_EQ(view_of(queued).error_code, RMQ_OK);
  std::size_t bytes = 0;
  EXPECT_EQ(text_of(rmq_event_text(queued.get(), &bytes)), id);
  EXPECT_EQ(bytes, id.size());
  rmq_queue_view_t view{};
  EXPECT_EQ(rmq_event_queues(queued.get(), 0, &view, sizeof view, 1), 0u);
}

TEST_F(ColdCall, that_fails_gives_the_error_of_its_event) {
  rmq_event_t* ended = nullptr;
  std::string message;
  const std::int32_t code = code_of(
      [&](rmq_error_t** error) {
        return rmq_producer_queues(client.producer.get(), "none", SIZE_MAX, kLongMs, 0, nullptr,
                                   &ended, error);
      },
      &message);
  EXPECT_EQ(code, RMQ_ERROR_NO_ROUTE);
  EXPECT_EQ(ended, nullptr);
  EXPECT_NE(message.find("none"), std::string::npos);
  ASSERT_EQ(rmq_producer_queues(client.producer.get(), "none", SIZE_MAX, kLongMs, 3, nullptr,
                                nullptr, nullptr),
            RMQ_OK);
  const Event event = client.next();
  const rmq_event_view_t view = view_of(event);
  EXPECT_EQ(view.event_type, RMQ_EVENT_RESULT);
  EXPECT_EQ(view.error_code, RMQ_ERROR_NO_ROUTE);
  EXPECT_NE(text_of(view.error_message).find("none"), std::string::npos);
  EXPECT_EQ(rmq_event_text(event.get(), nullptr), nullptr);
}

TEST_F(ColdCall, counts_its_time_limit_from_the_call) {
  hold(RequestCode::RECALL_MESSAGE);
  rmq_event_t* ended = nullptr;
  const std::string handle = send_timed();
  EXPECT_EQ(recall(handle, 0, &ended, 50), RMQ_ERROR_REQUEST_TIMEOUT);
  EXPECT_EQ(ended, nullptr);
}

TEST_F(ColdCall, in_flight_ends_when_the_producer_is_destroyed) {
  const std::string handle = send_timed();
  hold(RequestCode::RECALL_MESSAGE);
  ASSERT_EQ(recall(handle, 4, nullptr), RMQ_OK);
  ASSERT_TRUE(wait_until_held());
  client.producer.reset();
  const Event event = client.next();
  EXPECT_EQ(view_of(event).token, 4u);
  EXPECT_EQ(view_of(event).error_code, RMQ_ERROR_SHUTDOWN);
  EXPECT_EQ(view_of(event).outcome, RMQ_OUTCOME_MAYBE_APPLIED);
}

TEST_F(ColdCall, that_blocks_returns_when_another_thread_closes_the_producer) {
  const std::string handle = send_timed();
  hold(RequestCode::RECALL_MESSAGE);
  std::atomic<std::int32_t> code{-1};
  std::thread caller([&] {
    rmq_event_t* ended = nullptr;
    code = recall(handle, 0, &ended);
    EXPECT_EQ(ended, nullptr);
  });
  ASSERT_TRUE(wait_until_held());
  EXPECT_EQ(rmq_producer_close(client.producer.get(), 1, nullptr), RMQ_ERROR_CLOSE_TIMEOUT);
  caller.join();
  EXPECT_EQ(code, RMQ_ERROR_SHUTDOWN);
}

TEST_F(ColdCall, outlives_its_queue_and_its_runtime) {
  const std::string handle = send_timed();
  hold(RequestCode::RECALL_MESSAGE);
  ASSERT_EQ(recall(handle, 4, nullptr), RMQ_OK);
  ASSERT_TRUE(wait_until_held());
  client.queue.reset();
  client.runtime.reset();
  rmq_event_t* ended = nullptr;
  EXPECT_EQ(queues(1, nullptr), RMQ_ERROR_CLOSED);
  EXPECT_EQ(queues(1, &ended), RMQ_ERROR_CLOSED);
}

TEST_F(ColdCall, is_refused_after_the_close) {
  ASSERT_EQ(rmq_producer_close(client.producer.get(), 0, nullptr), RMQ_OK);
  rmq_event_t* ended = nullptr;
  EXPECT_EQ(queues(1, nullptr), RMQ_ERROR_CLOSED);
  EXPECT_EQ(queues(1, &ended), RMQ_ERROR_CLOSED);
}

TEST_F(ColdCall, goes_with_blocking_sends_of_other_threads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int call = 0; call < 100; ++call) {
        rmq_event_t* ended = nullptr;
        EXPECT_EQ(queues(0, &ended), RMQ_OK);
        rmq_event_destroy(ended);
        EXPECT_EQ(rmq_producer_send(client.producer.get(), client.message.get(), nullptr, 0,
                                    kLongMs, nullptr, nullptr),
                  RMQ_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(DrivenColdCall, is_refused_to_block_and_comes_by_stepping) {
  LoopbackServer broker{make_server_options()};
  const Runtime runtime =
      make_runtime({{"run_mode", "driven"}, {"namesrv_addr", broker.address()}});
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const Producer producer = make_producer(runtime.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  rmq_event_t* ended = nullptr;
  EXPECT_EQ(rmq_producer_queues(producer.get(), "orders", SIZE_MAX, 0, 0, nullptr, &ended, nullptr),
            RMQ_ERROR_WRONG_THREAD);
  ASSERT_EQ(rmq_producer_queues(producer.get(), "orders", SIZE_MAX, kLongMs, 2, nullptr, nullptr,
                                nullptr),
            RMQ_OK);
  Event event;
  while (!event && rmq_runtime_step(runtime.get(), nullptr) == RMQ_OK)
    event = poll(rmq_runtime_event_queue(runtime.get()), 0);
  ASSERT_TRUE(event);
  expect_three_queues(event.get());
}

}  // namespace
}  // namespace rmq::test::abi
