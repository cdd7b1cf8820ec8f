// The column "queue destroy" of the state table in docs/events.md.
#include "tests/abi/events/states.h"

namespace rmq::test::abi {
namespace {

using EventQueueDestroy = EventStateTest;

TEST_F(EventQueueDestroy, reserved_event_is_destroyed_when_it_comes_and_gives_its_room_back) {
  reserve();
  client->queue.reset();
  EXPECT_EQ(client->send(2), RMQ_ERROR_QUEUE_FULL);
  EXPECT_EQ(rmq_producer_cancel(client->producer.get(), 1, nullptr), RMQ_OK);
  expect_room();
}

TEST_F(EventQueueDestroy, queued_event_is_destroyed_and_gives_its_room_back) {
  queue();
  EXPECT_EQ(client->send(2), RMQ_ERROR_QUEUE_FULL);
  client->queue.reset();
  EXPECT_EQ(client->send(2), RMQ_OK);
}

TEST_F(EventQueueDestroy, taken_event_is_not_touched) {
  take();
  client->queue.reset();
  expect_readable();
  expect_room();
}

TEST_F(EventQueueDestroy, cancelled_event_is_destroyed_when_it_comes_and_gives_its_room_back) {
  cancel();
  client->queue.reset();
  expect_room();
}

TEST_F(EventQueueDestroy, destroyed_event_is_not_touched) {
  destroy();
  client->queue.reset();
  expect_room();
}

}  // namespace
}  // namespace rmq::test::abi
