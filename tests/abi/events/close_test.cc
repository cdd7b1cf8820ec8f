// The column "close" of the state table in docs/events.md.
#include "tests/abi/events/states.h"

namespace rmq::test::abi {
namespace {

using EventClose = EventStateTest;

TEST_F(EventClose, reserved_event_comes_with_shutdown_at_the_time_limit) {
  reserve();
  EXPECT_EQ(client->close(1), RMQ_ERROR_CLOSE_TIMEOUT);
  expect_one_event(RMQ_ERROR_SHUTDOWN);
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

TEST_F(EventClose, queued_event_stays_on_its_queue) {
  queue();
  EXPECT_EQ(client->close(), RMQ_OK);
  expect_one_event(RMQ_OK);
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

TEST_F(EventClose, taken_event_is_not_touched) {
  take();
  EXPECT_EQ(client->close(), RMQ_OK);
  expect_readable();
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

TEST_F(EventClose, cancelled_event_comes_as_cancelled) {
  cancel();
  EXPECT_EQ(client->close(), RMQ_OK);
  expect_one_event(RMQ_ERROR_CANCELLED);
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

TEST_F(EventClose, destroyed_event_does_not_come_again) {
  destroy();
  EXPECT_EQ(client->close(), RMQ_OK);
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

}  // namespace
}  // namespace rmq::test::abi
