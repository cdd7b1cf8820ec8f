// The column "close" of the delivery table in docs/events.md.
#include "tests/abi/deliveries/states.h"

namespace rmq::test::abi {
namespace {

using DeliveryClose = DeliveryStateTest;

TEST_F(DeliveryClose, queued_delivery_is_withdrawn_and_comes_to_the_next_member) {
  queue();
  EXPECT_EQ(member->close(), RMQ_OK);
  expect_no_event();
  rival = std::make_unique<Member>(broker.address(), "a");
  expect_at_rival();
}

TEST_F(DeliveryClose, taken_delivery_is_waited_for_and_then_stale) {
  take();
  EXPECT_EQ(member->close(50), RMQ_ERROR_CLOSE_TIMEOUT);
  expect_readable();
  EXPECT_EQ(answer(event), RMQ_ERROR_STALE);
  rival = std::make_unique<Member>(broker.address(), "a");
  expect_at_rival();
}

TEST_F(DeliveryClose, taken_delivery_that_is_answered_meanwhile_ends_the_wait) {
  take();
  std::thread closer([&] { EXPECT_EQ(member->close(), RMQ_OK); });
  EXPECT_EQ(answer(event), RMQ_OK);
  closer.join();
  EXPECT_EQ(stored_offset(), 1);
}

TEST_F(DeliveryClose, answered_delivery_is_stored) {
  answer_it();
  EXPECT_EQ(member->close(), RMQ_OK);
  EXPECT_EQ(stored_offset(), 1);
  EXPECT_EQ(answer(event), RMQ_ERROR_ALREADY_ANSWERED);
  expect_readable();
}

TEST_F(DeliveryClose, destroyed_delivery_was_sent_back) {
  destroy();
  EXPECT_TRUE(wait_for_send_back());
  EXPECT_EQ(member->close(), RMQ_OK);
  EXPECT_EQ(stored_offset(), 1);
}

}  // namespace
}  // namespace rmq::test::abi
