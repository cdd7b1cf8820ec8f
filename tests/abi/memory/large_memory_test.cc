// Large bodies on their way through a whole client: the loop thread frees none of them itself,
// since giving much memory back to the system takes as long as many messages.
#include "base/large_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/abi/memory/failing_allocator.h"
#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

constexpr std::size_t kBodyBytes = 16 * 1024 * 1024;  // is compressed to little
constexpr std::size_t kPlainBytes = 3 * 1024 * 1024;  // is sent as it is
constexpr int kMessagesOfEach = 3;

class LargeMemory : public ::testing::Test {
 protected:
  LargeMemory() {
    EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    send("compressed", kBodyBytes, "4096");
    send("plain", kPlainBytes, "64m");
  }

  void send(const char* topic, std::size_t bytes, const char* compress_from) {
    const Producer producer = make_producer(
        runtime.get(), nullptr,
        {{"max_message_size", "20m"}, {"compress_msg_body_over_howmuch", compress_from}});
    ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
    const Message message = make_message(std::string(bytes, 'x'), topic);
    for (int i = 0; i < kMessagesOfEach; ++i) {
      ASSERT_EQ(
          rmq_producer_send(producer.get(), message.get(), nullptr, 0, kLongMs, nullptr, nullptr),
          RMQ_OK);
    }
  }

  PushConsumer consume() {
    PushConsumer consumer =
        make_consumer(runtime.get(), nullptr, {{"consume_from_where", "first"}});
    for (const char* topic : {"compressed", "plain"}) {
      EXPECT_EQ(rmq_consumer_subscribe(consumer.get(), topic, SIZE_MAX, RMQ_EXPRESSION_TAG, "*",
                                       SIZE_MAX, nullptr),
                RMQ_OK);
    }
    EXPECT_EQ(rmq_consumer_start(consumer.get(), nullptr), RMQ_OK);
    return consumer;
  }

  Event next() { return poll(rmq_runtime_event_queue(runtime.get())); }

  static testbroker::ServerOptions make_options() {
    testbroker::ServerOptions options;
    options.topics = {{.name = "compressed", .read_queues = 1, .write_queues = 1},
                      {.name = "plain", .read_queues = 1, .write_queues = 1}};
    return options;
  }

  LoopbackServer broker{make_options()};
  Runtime runtime = make_runtime({{"namesrv_addr", broker.address()}});
};

TEST_F(LargeMemory, of_consumed_and_returned_messages_does_not_end_on_the_loop_thread) {
  const PushConsumer consumer = consume();
  int answered = 0;
  while (answered < 2 * kMessagesOfEach) {
    const Event event = next();
    ASSERT_TRUE(event);
    if (view_of(event).event_type != RMQ_EVENT_DELIVERY) continue;
    const int32_t kind = ++answered % 2 == 0 ? RMQ_ANSWER_SUCCESS : RMQ_ANSWER_RECONSUME_LATER;
    ASSERT_EQ(rmq_event_answer(event.get(), kind, 0, nullptr), RMQ_OK);
  }
  ASSERT_EQ(rmq_consumer_close(consumer.get(), 5000, nullptr), RMQ_OK);
  EXPECT_LT(largest_freed_by_loop(), base::kLargeMemoryBytes);
}

TEST_F(LargeMemory, of_messages_that_nobody_took_does_not_end_on_the_loop_thread) {
  const PushConsumer consumer = consume();
  ASSERT_TRUE(next());
  ASSERT_EQ(rmq_consumer_close(consumer.get(), 5000, nullptr), RMQ_OK);
  EXPECT_LT(largest_freed_by_loop(), base::kLargeMemoryBytes);
}

}  // namespace
}  // namespace rmq::test::abi
