// The column "fork" of the state table in docs/events.md: what the child sees, and that the parent
// does not notice.
#include "tests/abi/events/states.h"

namespace rmq::test::abi {
namespace {

class EventFork : public EventStateTest {
 protected:
  enum ChildResult { good = 0, event_seen, not_forked, not_readable };

  int poll_and_destroy_all() {
    const std::int32_t code = poll_code();
    if (code == -1 || rmq_event_queue_length(client->queue.get()) != 0) return event_seen;
    if (code != RMQ_ERROR_FORKED) return not_forked;
    client.reset();
    return good;
  }
};

TEST_F(EventFork, reserved_event_comes_in_the_parent_only) {
  reserve();
  EXPECT_EQ(run_in_child([&] { return poll_and_destroy_all(); }), good);
  EXPECT_EQ(rmq_producer_cancel(client->producer.get(), 1, nullptr), RMQ_OK);
  expect_one_event(RMQ_ERROR_CANCELLED);
}

TEST_F(EventFork, queued_event_stays_in_the_parent_only) {
  queue();
  EXPECT_EQ(run_in_child([&] { return poll_and_destroy_all(); }), good);
  expect_one_event(RMQ_OK);
}

TEST_F(EventFork, taken_event_is_readable_and_destroyed_in_both) {
  take();
  EXPECT_EQ(run_in_child([&] {
              if (read_whole(event.get()) == 0) return static_cast<int>(not_readable);
              event.reset();
              return poll_and_destroy_all();
            }),
            good);
  expect_readable();
  expect_no_event();
}

TEST_F(EventFork, cancelled_event_comes_in_the_parent_only) {
  cancel();
  EXPECT_EQ(run_in_child([&] { return poll_and_destroy_all(); }), good);
  expect_one_event(RMQ_ERROR_CANCELLED);
}

TEST_F(EventFork, destroyed_event_is_in_neither) {
  destroy();
  EXPECT_EQ(run_in_child([&] { return poll_and_destroy_all(); }), good);
  expect_no_event();
}

}  // namespace
}  // namespace rmq::test::abi
