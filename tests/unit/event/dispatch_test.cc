// Who has the wake-up of a queue: the host or a dispatcher, never both.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <memory>
#include <thread>

#include "event/dispatcher.h"
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
  const auto dispatcher = std::make_shared<Dispatcher>();
  ASSERT_TRUE(dispatcher->add(queue, [&](Event&) {
    dispatcher->remove(*queue);
    Held::wake(&held);
    return false;
  }));
  ASSERT_TRUE(dispatcher->start(1).ok());
  queue->push(new PlainEvent);
  held.wait_until_inside();
  std::atomic<int> returned{0};
  const auto remove = [&] {
    dispatcher->remove(*queue);
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
  dispatcher->request_stop();
  EXPECT_TRUE(dispatcher->join(std::chrono::seconds(60)));
}

}  // namespace
}  // namespace rmq::event
