// The column "queue destroyed" of the delivery table in docs/events.md.
#include "tests/abi/deliveries/states.h"

namespace rmq::test::abi {
namespace {

using DeliveryQueueDestroy = DeliveryStateTest;

TEST_F(DeliveryQueueDestroy, queued_delivery_is_withdrawn_and_comes_to_the_next_member) {
  queue();
  member->queue.reset();
  EXPECT_EQ(member->close(), RMQ_OK);
  rival = std::make_unique<Member>(broker.address(), "a");
  expect_at_rival();
}

TEST_F(DeliveryQueueDestroy, taken_delivery_is_not_touched) {
  take();
  member->queue.reset();
  expect_readable();
  EXPECT_EQ(answer(event), RMQ_OK);
  EXPECT_EQ(member->close(), RMQ_OK);
  EXPECT_EQ(stored_offset(), 1);
}

TEST_F(DeliveryQueueDestroy, answered_delivery_stays_answered) {
  answer_it();
  member->queue.reset();
  EXPECT_EQ(answer(event), RMQ_ERROR_ALREADY_ANSWERED);
}

TEST_F(DeliveryQueueDestroy, stale_delivery_stays_stale) {
  take();
  lose_queue();
  expect_at_rival();
  member->queue.reset();
  EXPECT_EQ(answer(event), RMQ_ERROR_STALE);
  expect_readable();
}

}  // namespace
}  // namespace rmq::test::abi
