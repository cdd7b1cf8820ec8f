// The column "rebalance" of the delivery table in docs/events.md.
#include "tests/abi/deliveries/states.h"

namespace rmq::test::abi {
namespace {

using DeliveryRebalance = DeliveryStateTest;

TEST_F(DeliveryRebalance, queued_delivery_is_withdrawn_and_comes_to_the_new_holder) {
  queue();
  lose_queue();
  expect_at_rival();
  expect_no_event();
}

TEST_F(DeliveryRebalance, taken_delivery_stays_readable_and_its_answer_is_stale) {
  take();
  lose_queue();
  expect_at_rival();
  EXPECT_EQ(answer(event), RMQ_ERROR_STALE);
  expect_readable();
}

TEST_F(DeliveryRebalance, answered_delivery_does_not_come_to_the_new_holder) {
  answer_it();
  ASSERT_TRUE(wait_for_stored_offset(1));  // until then the new holder may get it, too
  lose_queue();
  Client sender(broker.address());
  const Message second = make_message("second");
  ASSERT_EQ(rmq_producer_send(sender.producer.get(), second.get(), sender.destination.get(), 0, 0,
                              nullptr, nullptr),
            RMQ_OK);
  const Event delivery = rival->next();
  EXPECT_EQ(body_of(delivery), "second");
  EXPECT_EQ(answer(event), RMQ_ERROR_ALREADY_ANSWERED);
}

TEST_F(DeliveryRebalance, stale_delivery_stays_stale_when_the_queue_comes_back) {
  take();
  lose_queue();
  const Event elsewhere = rival->next();
  rmq_delivery_view_t before{};
  ASSERT_EQ(rmq_event_delivery(event.get(), &before, sizeof before), RMQ_OK);
  EXPECT_EQ(rival->close(50), RMQ_ERROR_CLOSE_TIMEOUT);
  const Event again = member->next();
  ASSERT_TRUE(again);
  rmq_delivery_view_t after{};
  ASSERT_EQ(rmq_event_delivery(again.get(), &after, sizeof after), RMQ_OK);
  EXPECT_GT(after.epoch, before.epoch);
  EXPECT_EQ(answer(event), RMQ_ERROR_STALE);
  EXPECT_EQ(answer(again), RMQ_OK);
}

TEST_F(DeliveryRebalance, destroyed_delivery_was_sent_back_and_comes_to_nobody_now) {
  destroy();
  EXPECT_TRUE(wait_for_send_back());
  lose_queue();
  EXPECT_EQ(rival->close(), RMQ_OK);
  expect_no_event();
}

}  // namespace
}  // namespace rmq::test::abi
