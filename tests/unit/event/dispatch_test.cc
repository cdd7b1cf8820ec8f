// Who has the wake-up of a queue: the host or a dispatcher, never both.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <memory>
#include <thread>

#include "event/dispatchers.h"
#include "event/event_queue.h"
#include "tests/unit/event/plain_event.h"

namespace rmq::event {
namespace {

void ignore(void*) {}

// A function of the host that runs until it may end.
struct Held {
  static void wake(void* self) {
    auto& held = *static_cast<Held*>(self);
    held.is_inside = true;
    while (!held.may_end) std::this_thread::yield();
    held.has_ended = true;
  }
  void wait_until_inside() const {
    while (!is_inside) std::this_thread::yield();
  }
  std::atomic<bool> is_inside{false};
  std::atomic<bool> may_end{false};
  std::atomic<bool> has_ended{false};
};

class Dispatch : public testing::Test {
 protected:
  ~Dispatch() override { queue->abandon(); }
  std::shared_ptr<EventQueue> queue = std::make_shared<EventQueue>(10);
  Held held;
};

TEST_F(Dispatch, is_refused_while_the_host_has_a_function) {
  ASSERT_TRUE(queue->set_wake_up(ignore, nullptr));
  EXPECT_FALSE(queue->begin_dispatch(ignore, nullptr));
  EXPECT_FALSE(queue->is_dispatched());
  ASSERT_TRUE(queue->set_wake_up(nullptr, nullptr));
  EXPECT_TRUE(queue->begin_dispatch(ignore, nullptr));
  EXPECT_TRUE(queue->is_dispatched());
  EXPECT_FALSE(queue->begin_dispatch(ignore, nullptr));
}

TEST_F(Dispatch, keeps_the_host_from_the_function_until_its_end) {
  std::atomic<int> calls{0};
  const auto count = [](void* counter) { ++*static_cast<std::atomic<int>*>(counter); };
  ASSERT_TRUE(queue->begin_dispatch(count, &calls));
  EXPECT_FALSE(queue->set_wake_up(ignore, nullptr));
  EXPECT_FALSE(queue->set_wake_up(nullptr, nullptr));
  queue->push(new PlainEvent);
  EXPECT_EQ(calls, 1);
  queue->end_dispatch();
  EXPECT_TRUE(queue->set_wake_up(ignore, nullptr));
}

TEST_F(Dispatch, is_refused_while_the_host_waits_to_set_its_next_function) {
  queue->set_wake_up(&Held::wake, &held);
  std::thread pusher([this] { queue->push(new PlainEvent); });
  held.wait_until_inside();
  std::thread setter([this] { EXPECT_TRUE(queue->set_wake_up(ignore, nullptr)); });
  while (queue->descriptor() < 0) std::this_thread::yield();  // the former function is off
  EXPECT_FALSE(queue->begin_dispatch(ignore, nullptr));
  EXPECT_FALSE(held.has_ended) << "and it does not wait";
  held.may_end = true;
  setter.join();
  pusher.join();
  EXPECT_EQ(queue->descriptor(), -1) << "the host's next function is set";
}

TEST_F(Dispatch, beside_the_host_leaves_the_function_to_one_of_them) {
  for (int round = 0; round < 200; ++round) {
    std::barrier both(2);
    bool is_of_host = false;
    std::thread host([&] {
      both.arrive_and_wait();
      is_of_host = queue->set_wake_up(ignore, nullptr);
    });
    both.arrive_and_wait();
    const bool is_of_dispatcher = queue->begin_dispatch(ignore, nullptr);
    host.join();
    ASSERT_NE(is_of_host, is_of_dispatcher) << "round " << round;
    if (is_of_dispatcher) queue->end_dispatch();
    queue->set_wake_up(nullptr, nullptr);
  }
}

// Whoever comes second waits for the callback, too.
TEST_F(Dispatch, has_ended_for_each_thread_that_took_the_callback_away) {
  Dispatchers dispatchers;
  const auto callback = [&](Event&) {
    dispatchers.remove(*queue);
    Held::wake(&held);
    return false;
  };
  ASSERT_TRUE(dispatchers.add(queue, callback, 1).ok());
  ASSERT_TRUE(dispatchers.start().ok());
  queue->push(new PlainEvent);
  held.wait_until_inside();
  std::atomic<int> returned{0};
  const auto remove = [&] {
    dispatchers.remove(*queue);
    EXPECT_TRUE(held.has_ended);
    ++returned;
  };
  std::thread first(remove);
  std::thread second(remove);
  for (int i = 0; i < 200; ++i) std::this_thread::yield();
  EXPECT_EQ(returned, 0);
  held.may_end = true;
  first.join();
  second.join();
  EXPECT_EQ(dispatchers.thread_count(), 0u);
}

TEST_F(Dispatch, counts_the_threads_of_all_queues_until_they_have_ended) {
  const auto other = std::make_shared<EventQueue>(10);
  Dispatchers dispatchers;
  const auto hold = [this](Event&) {
    Held::wake(&held);
    return false;
  };
  const auto ignore_event = [](Event&) { return false; };
  ASSERT_TRUE(dispatchers.add(queue, hold, 1).ok());
  ASSERT_TRUE(dispatchers.add(other, ignore_event, 3).ok());
  EXPECT_EQ(dispatchers.thread_count(), 0u);
  ASSERT_TRUE(dispatchers.start().ok());
  EXPECT_EQ(dispatchers.thread_count(), 4u);
  dispatchers.remove(*other);
  EXPECT_EQ(dispatchers.thread_count(), 1u);
  queue->push(new PlainEvent);
  held.wait_until_inside();
  dispatchers.request_stop();
  EXPECT_FALSE(dispatchers.join(base::Duration::zero())) << "user code is on its thread";
  held.may_end = true;
  EXPECT_TRUE(dispatchers.join(std::chrono::seconds(60)));
  EXPECT_EQ(dispatchers.thread_count(), 0u);
  other->abandon();
}

}  // namespace
}  // namespace rmq::event
