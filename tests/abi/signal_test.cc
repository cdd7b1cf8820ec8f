// rmq_event_queue_interrupt in a signal handler, at any moment of the program that it interrupts.
#include <signal.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

rmq_event_queue_t* interrupted_queue = nullptr;
std::atomic<std::uint64_t> interrupts{0};

void on_alarm(int) {
  ++interrupts;
  rmq_event_queue_interrupt(interrupted_queue);
}

// While it lives, a timer interrupts the queue every so often, on whatever thread of the test has
// SIGALRM unblocked; those of the library block it.
class IntervalTimer {
 public:
  IntervalTimer(rmq_event_queue_t* queue, suseconds_t interval_us) {
    interrupted_queue = queue;
    interrupts = 0;
    struct sigaction action {};
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, &before_);
    set(interval_us);
  }
  ~IntervalTimer() {
    set(0);
    sigaction(SIGALRM, &before_, nullptr);
  }
  IntervalTimer(const IntervalTimer&) = delete;
  IntervalTimer& operator=(const IntervalTimer&) = delete;

 private:
  static void set(suseconds_t interval_us) {
    const itimerval interval{{0, interval_us}, {0, interval_us}};
    setitimer(ITIMER_REAL, &interval, nullptr);
  }
  struct sigaction before_ {};
};

class InterruptInHandler : public testing::Test {
 protected:
  // Sends asynchronously and polls, `watched` through its wake-up function or descriptor too, until
  // that many interrupts came. Each send has its event, and nothing hangs.
  void work_through(std::uint64_t wanted) {
    constexpr suseconds_t kIntervalUs = 137;
    const IntervalTimer timer(client.queue.get(), kIntervalUs);
    std::uint64_t sent = 0;
    std::uint64_t taken = 0;
    std::uint64_t interrupted_polls = 0;
    while (interrupts < wanted || taken < sent) {
      if (interrupts < wanted) {
        ASSERT_EQ(client.send(sent), RMQ_OK);
        ++sent;
      }
      rmq_event_t* event = nullptr;
      const std::int32_t code = poll_one(client.queue.get(), 1, &event, nullptr);
      ASSERT_TRUE(code == RMQ_OK || code == RMQ_ERROR_INTERRUPTED) << code;
      interrupted_polls += code == RMQ_ERROR_INTERRUPTED;
      taken += event != nullptr;
      rmq_event_destroy(event);
    }
    EXPECT_EQ(taken, sent);
    EXPECT_GT(interrupted_polls, 0u);
  }

  // About three seconds of interrupts on a machine that serves them all.
  static constexpr std::uint64_t kInterrupts = 20'000;

  LoopbackServer broker;
  Client client{broker.address()};
};

TEST_F(InterruptInHandler, never_hangs_a_thread_that_sends_and_polls) { work_through(kInterrupts); }

TEST_F(InterruptInHandler, never_hangs_beside_a_descriptor) {
  ASSERT_GE(rmq_event_queue_fd(client.queue.get()), 0);
  work_through(kInterrupts / 4);
}

TEST_F(InterruptInHandler, never_hangs_beside_a_wake_up_function_that_is_set_again_and_again) {
  std::atomic<std::uint64_t> calls{0};
  const auto count = [](void* counter) { ++*static_cast<std::atomic<std::uint64_t>*>(counter); };
  const IntervalTimer timer(client.queue.get(), 137);
  for (std::uint64_t token = 0; interrupts < kInterrupts / 4; ++token) {
    ASSERT_EQ(rmq_event_queue_set_wakeup(client.queue.get(), count, &calls, nullptr), RMQ_OK);
    ASSERT_EQ(client.send(token), RMQ_OK);
    for (bool is_taken = false; !is_taken;) {
      rmq_event_t* event = nullptr;
      poll_one(client.queue.get(), 1, &event, nullptr);
      is_taken = event != nullptr;
      rmq_event_destroy(event);
    }
    ASSERT_EQ(rmq_event_queue_set_wakeup(client.queue.get(), nullptr, nullptr, nullptr), RMQ_OK);
  }
  EXPECT_GT(calls, 0u);
}

TEST_F(InterruptInHandler, ends_a_wait_without_limit_on_its_own_thread) {
  const IntervalTimer timer(client.queue.get(), 1000);
  for (int round = 0; round < 100; ++round) {
    rmq_event_t* event = nullptr;
    ASSERT_EQ(poll_one(client.queue.get(), RMQ_WAIT_FOREVER, &event, nullptr),
              RMQ_ERROR_INTERRUPTED);
  }
}

}  // namespace
}  // namespace rmq::test::abi
