// The columns "runtime destroyed" and "fork" of the delivery table in docs/events.md.
#include "tests/abi/deliveries/states.h"

namespace rmq::test::abi {
namespace {

using DeliveryRuntimeDestroy = DeliveryStateTest;

TEST_F(DeliveryRuntimeDestroy, queued_delivery_is_withdrawn) {
  queue();
  const EventQueue events = std::move(member->queue);
  member.reset();
  EXPECT_FALSE(poll(events.get(), 0));
}

TEST_F(DeliveryRuntimeDestroy, taken_delivery_stays_readable_and_its_answer_is_stale) {
  take();
  member.reset();
  expect_readable();
  EXPECT_EQ(answer(event), RMQ_ERROR_STALE);
}

TEST_F(DeliveryRuntimeDestroy, answered_delivery_stays_readable) {
  answer_it();
  member.reset();
  expect_readable();
  EXPECT_EQ(answer(event), RMQ_ERROR_ALREADY_ANSWERED);
}

TEST_F(DeliveryRuntimeDestroy, unanswered_delivery_may_be_destroyed_after_everything_else) {
  take();
  member.reset();
  event.reset();
}

// A long interval, so that nothing but the destroy stores offsets.
TEST(DeliveryRuntimeDestroyAtOnce, stores_the_offset_of_what_was_answered) {
  const int kMessages = 20;
  LoopbackServer broker(one_queue());
  {
    Client sender(broker.address());
    for (int i = 0; i < kMessages; ++i) ASSERT_EQ(sender.send(), RMQ_OK);
    for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(sender.next());
  }
  Runtime runtime = make_runtime({{"namesrv_addr", broker.address()}});
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const PushConsumer consumer = make_consumer(
      runtime.get(), nullptr,
      {{"consume_from_where", "first"}, {"persist_consumer_offset_interval", "600s"}});
  ASSERT_EQ(rmq_consumer_subscribe(consumer.get(), "orders", SIZE_MAX, RMQ_EXPRESSION_TAG, "*",
                                   SIZE_MAX, nullptr),
            RMQ_OK);
  ASSERT_EQ(rmq_consumer_start(consumer.get(), nullptr), RMQ_OK);
  for (int i = 0; i < kMessages; ++i) {
    const Event delivery = poll(rmq_runtime_event_queue(runtime.get()));
    ASSERT_TRUE(delivery);
    ASSERT_EQ(answer(delivery), RMQ_OK);
  }
  runtime.reset();
  EXPECT_TRUE(broker.wait_until([kMessages](testbroker::Server& server) {
    return server.state().offsets.find("abi_tests", "orders", 0) == kMessages;
  }));
}

using DeliveryFork = DeliveryStateTest;

TEST_F(DeliveryFork, taken_delivery_is_readable_in_the_child_and_answered_by_the_parent_only) {
  take();
  EXPECT_EQ(run_in_child([&] {
              const bool is_fine =
                  body_of(event) == "hello" &&
                  rmq_event_answer(event.get(), RMQ_ANSWER_SUCCESS, 0, nullptr) == RMQ_ERROR_FORKED;
              event.reset();
              return is_fine ? 0 : 1;
            }),
            0);
  EXPECT_EQ(answer(event), RMQ_OK);
}

}  // namespace
}  // namespace rmq::test::abi
