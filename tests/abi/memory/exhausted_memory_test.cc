// Every allocation fails once, one after the other, on the calling thread and on the loop thread:
// nothing crashes, and every accepted send yields exactly one event.
#include <gtest/gtest.h>

#include "tests/abi/memory/failing_allocator.h"
#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

constexpr long kAllocationsMax = 2000;  // more than any of these scenarios makes

struct Counts {
  int accepted = 0;
  int events = 0;
};

// Takes all events until the closed queue is empty. Memory does not fail any more.
void drain(rmq_event_queue_t* queue, Counts* counts) {
  for (;;) {
    rmq_event_t* event = nullptr;
    const std::int32_t code = poll_one(queue, kLongMs, &event, nullptr);
    if (code == RMQ_ERROR_CLOSED) return;
    ASSERT_EQ(code, RMQ_OK);
    ASSERT_NE(event, nullptr);
    counts->events += view_of(event).event_type == RMQ_EVENT_SEND;
    read_whole(event);
    rmq_event_destroy(event);
  }
}

TEST(ExhaustedMemory, on_the_calling_thread_is_an_error_of_the_call) {
  LoopbackServer broker;
  const Destination destination = make_destination(broker.address());
  const Message message = make_message();
  const Config config = make_config({{"producer_group", "g"}});
  for (long n = 1; n <= kAllocationsMax; ++n) {
    SCOPED_TRACE(n);
    rmq_runtime_t* runtime = nullptr;
    rmq_event_queue_t* queue = nullptr;
    rmq_producer_t* producer = nullptr;
    Counts counts;
    fail_allocation_of_this_thread(n);
    rmq_runtime_new(nullptr, 0, nullptr, &runtime, nullptr);
    if (runtime) rmq_runtime_start(runtime, nullptr);
    if (runtime) rmq_event_queue_new(runtime, &queue, nullptr);
    if (queue) rmq_producer_new(runtime, config.get(), queue, 0, nullptr, &producer, nullptr);
    if (producer) rmq_producer_start(producer, nullptr);
    if (producer) {
      for (std::uint64_t token = 0; token < 2; ++token) {
        counts.accepted += rmq_producer_send_async(producer, message.get(), destination.get(), 0,
                                                   1000, token, nullptr, nullptr) == RMQ_OK;
      }
      rmq_error_t* error = nullptr;
      rmq_event_t* event = nullptr;
      rmq_producer_send(producer, message.get(), destination.get(), 0, 1000, &event, &error);
      rmq_event_destroy(event);
      rmq_error_destroy(error);
      rmq_producer_cancel(producer, 77, nullptr);
      rmq_producer_flush(producer, 1000, nullptr);
      rmq_producer_close(producer, 1000, nullptr);
    }
    if (runtime) rmq_runtime_close(runtime, 1000, nullptr);
    const bool has_failed = count_allocations() >= n;
    fail_allocation_of_this_thread(0);
    rmq_producer_destroy(producer);
    rmq_runtime_destroy(runtime);
    if (queue) drain(queue, &counts);
    rmq_event_queue_destroy(queue);
    EXPECT_EQ(counts.events, counts.accepted);
    if (!has_failed) return;
  }
  FAIL() << "more allocations than expected";
}

// One run with the n-th allocation of the loop thread failing, and those after it; false when there
// was no n-th.
bool run_with_failure(const LoopbackServer& broker, long n, long in_a_row) {
  Counts counts;
  fail_allocation_of_library(n, in_a_row);
  {
    Client client(broker.address(), {},
                  {{"connect_timeout", "100"},
                   {"reconnect_backoff_min", "1"},
                   {"reconnect_backoff_max", "5"}});
    for (std::uint64_t token = 0; token < 3; ++token) {
      counts.accepted += client.send(token, 100) == RMQ_OK;
    }
    rmq_producer_flush(client.producer.get(), 100, nullptr);
    counts.accepted += client.send(3, 100) == RMQ_OK;
    rmq_producer_cancel(client.producer.get(), 3, nullptr);
    client.close(200);
    drain(client.queue.get(), &counts);
  }
  const bool has_failed = count_allocations() >= n;
  fail_allocation_of_library(0);
  EXPECT_EQ(counts.events, counts.accepted);
  return has_failed;
}

// Alone, so that what follows a failure has memory; and with what the error would have needed.
void run_with_each_failure(const LoopbackServer& broker) {
  for (const long in_a_row : {1, 4}) {
    SCOPED_TRACE("in a row: " + std::to_string(in_a_row));
    long n = 1;
    while (run_with_failure(broker, n, in_a_row) && !::testing::Test::HasFailure()) {
      ASSERT_LT(++n, kAllocationsMax);
    }
    EXPECT_FALSE(::testing::Test::HasFailure()) << "allocation " << n;
    EXPECT_GT(n, 5);
  }
}

TEST(ExhaustedMemory, on_the_loop_thread_loses_no_event_of_answered_sends) {
  const LoopbackServer broker;
  run_with_each_failure(broker);
}

TEST(ExhaustedMemory, on_the_loop_thread_loses_no_event_of_unanswered_sends) {
  LoopbackServer broker;
  broker.call([](testbroker::Server& server) {
    server.script().on_any().then(testbroker::fault::no_answer());
  });
  run_with_each_failure(broker);
}

TEST(ExhaustedMemory, on_the_loop_thread_loses_no_event_of_refused_connections) {
  LoopbackServer broker;
  broker.call([](testbroker::Server& server) { server.stop_listening(); });
  run_with_each_failure(broker);
}

}  // namespace
}  // namespace rmq::test::abi
