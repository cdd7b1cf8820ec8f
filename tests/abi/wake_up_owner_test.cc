// Wake-up functions and callbacks of one queue beside each other, and what goes on beside them.
#include <atomic>
#include <barrier>
#include <chrono>
#include <future>
#include <thread>

#include "tests/abi/support.h"

namespace rmq::test::abi {
namespace {

constexpr std::chrono::seconds kSoon(10);

std::int32_t ignore_event(rmq_event_view_t*, void*) { return RMQ_ANSWER_NONE; }
void ignore_wake_up(void*) {}

std::int32_t set_callback(rmq_event_queue_t* queue) {
  return rmq_event_queue_set_callback(queue, ignore_event, nullptr, 0, nullptr);
}

// Takes itself off its queue and runs on until it may end.
struct Held {
  static void wake(void* self) {
    auto& held = *static_cast<Held*>(self);
    if (held.is_inside.exchange(true)) return;
    if (held.leaves) rmq_event_queue_set_wakeup(held.queue, nullptr, nullptr, nullptr);
    held.has_left = true;
    while (!held.may_end) std::this_thread::yield();
    held.has_ended = true;
  }
  void wait_until_it_runs() const {
    while (!has_left) std::this_thread::yield();
  }
  rmq_event_queue_t* queue = nullptr;
  bool leaves = false;
  std::atomic<bool> is_inside{false};
  std::atomic<bool> has_left{false};
  std::atomic<bool> may_end{false};
  std::atomic<bool> has_ended{false};
};

class WakeUpOwner : public testing::Test {
 protected:
  void run_held(bool leaves) {
    held.queue = queue.get();
    held.leaves = leaves;
    ASSERT_EQ(rmq_event_queue_set_wakeup(queue.get(), &Held::wake, &held, nullptr), RMQ_OK);
    interrupter = std::thread([this] { rmq_event_queue_interrupt(queue.get()); });
    held.wait_until_it_runs();
  }
  void end_held() {
    held.may_end = true;
    interrupter.join();
  }

  Runtime runtime = make_runtime();
  EventQueue queue = make_queue(runtime.get());
  Held held;
  std::thread interrupter;
};

TEST_F(WakeUpOwner, of_a_former_function_that_runs_on_does_not_hold_up_a_start) {
  run_held(true);
  auto set = std::async(std::launch::async, [this] {
    const std::int32_t code = set_callback(queue.get());
    EXPECT_TRUE(held.has_ended) << "the former function runs";
    return code;
  });
  EXPECT_EQ(set.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  auto started =
      std::async(std::launch::async, [this] { return rmq_runtime_start(runtime.get(), nullptr); });
  auto removed = std::async(std::launch::async, [this] {
    return rmq_event_queue_set_callback(rmq_runtime_event_queue(runtime.get()), nullptr, nullptr, 0,
                                        nullptr);
  });
  EXPECT_EQ(started.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(removed.wait_for(kSoon), std::future_status::ready);
  end_held();
  EXPECT_EQ(set.get(), RMQ_OK);
  EXPECT_EQ(started.get(), RMQ_OK);
  EXPECT_EQ(removed.get(), RMQ_OK);
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
}

TEST_F(WakeUpOwner, is_the_host_while_it_waits_to_set_its_next_function) {
  run_held(false);
  auto next = std::async(std::launch::async, [this] {
    return rmq_event_queue_set_wakeup(queue.get(), ignore_wake_up, nullptr, nullptr);
  });
  while (rmq_event_queue_fd(queue.get()) < 0) std::this_thread::yield();  // the former one is off
  auto set = std::async(std::launch::async, [this] { return set_callback(queue.get()); });
  EXPECT_EQ(set.wait_for(kSoon), std::future_status::ready);
  end_held();
  EXPECT_EQ(next.get(), RMQ_OK);
  EXPECT_EQ(set.get(), RMQ_ERROR_ARGUMENT);
}

TEST_F(WakeUpOwner, is_one_of_two_who_come_at_once) {
  for (int round = 0; round < 50; ++round) {
    std::barrier both(2);
    std::int32_t of_host = RMQ_OK;
    std::thread host([&] {
      both.arrive_and_wait();
      of_host = rmq_event_queue_set_wakeup(queue.get(), ignore_wake_up, nullptr, nullptr);
    });
    both.arrive_and_wait();
    const std::int32_t of_callback = set_callback(queue.get());
    host.join();
    ASSERT_NE(of_host == RMQ_OK, of_callback == RMQ_OK) << "round " << round;
    ASSERT_EQ(of_host + of_callback, RMQ_ERROR_ARGUMENT);
    EXPECT_EQ(rmq_event_queue_set_callback(queue.get(), nullptr, nullptr, 0, nullptr), RMQ_OK);
    EXPECT_EQ(rmq_event_queue_set_wakeup(queue.get(), nullptr, nullptr, nullptr), RMQ_OK);
  }
}

}  // namespace
}  // namespace rmq::test::abi
