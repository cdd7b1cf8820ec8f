// The column "runtime destroy" of the state table in docs/events.md.
#include "tests/abi/events/states.h"

namespace rmq::test::abi {
namespace {

using EventRuntimeDestroy = EventStateTest;

TEST_F(EventRuntimeDestroy, reserved_event_comes_at_once_with_shutdown) {
  reserve();
  client->runtime.reset();
  expect_one_event(RMQ_ERROR_SHUTDOWN);
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

TEST_F(EventRuntimeDestroy, queued_event_stays_on_its_queue) {
  queue();
  client->runtime.reset();
  expect_one_event(RMQ_OK);
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

TEST_F(EventRuntimeDestroy, taken_event_outlives_everything_it_came_from) {
  take();
  client.reset();
  expect_readable();
}

TEST_F(EventRuntimeDestroy, cancelled_event_comes_once) {
  cancel();
  client->runtime.reset();
  expect_one_event(RMQ_ERROR_CANCELLED);
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

TEST_F(EventRuntimeDestroy, destroyed_event_does_not_come_again) {
  destroy();
  client->runtime.reset();
  EXPECT_EQ(poll_code(), RMQ_ERROR_CLOSED);
}

}  // namespace
}  // namespace rmq::test::abi
