// Start, close, destroy and new queues beside each other and after failures: whatever wins, nothing
// half alive remains.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <mutex>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

// While it lives, this process gets no further descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    rlimit low = before_;
    low.rlim_cur = static_cast<rlim_t>(next);
    setrlimit(RLIMIT_NOFILE, &low);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

std::int32_t poll_code(rmq_event_queue_t* queue, std::int64_t timeout_ms = RMQ_WAIT_FOREVER) {
  rmq_event_t* event = nullptr;
  const std::int32_t code = poll_one(queue, timeout_ms, &event, nullptr);
  rmq_event_destroy(event);
  return code;
}

TEST(StartAfterFailure, has_dispatchers_that_call_back) {
  LoopbackServer broker;
  const Runtime runtime = make_runtime({{"dispatcher_threads", "2"}});
  std::atomic<int> calls{0};
  const auto count = [](rmq_event_view_t*, void* counter) -> std::int32_t {
    ++*static_cast<std::atomic<int>*>(counter);
    return RMQ_ANSWER_NONE;
  };
  ASSERT_EQ(rmq_event_queue_set_callback(rmq_runtime_event_queue(runtime.get()), count, &calls, 0,
                                         nullptr),
            RMQ_OK);
  for (int failure = 0; failure < 3; ++failure) {
    const NoDescriptors none;
    EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_ERROR_DESCRIPTORS);
    EXPECT_EQ(threads_of(runtime.get()), 0);
  }
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  EXPECT_EQ(threads_of(runtime.get()), 3);
  const Producer producer = make_producer(runtime.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  const Message message = make_message();
  const Destination destination = make_destination(broker.address());
  ASSERT_EQ(rmq_producer_send_async(producer.get(), message.get(), destination.get(), 0, kLongMs, 1,
                                    nullptr, nullptr),
            RMQ_OK);
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
  EXPECT_EQ(calls, 1);
}

TEST(StartBesideClose, ends_closed_whoever_comes_first) {
  for (int round = 0; round < 300; ++round) {
    const Runtime runtime = make_runtime();
    std::atomic<bool> is_starting{false};
    std::int32_t started = -1;
    std::thread starter([&] {
      is_starting = true;
      started = rmq_runtime_start(runtime.get(), nullptr);
    });
    while (!is_starting) std::this_thread::yield();
    // From before the start to after it.
    const auto moment =
        std::chrono::steady_clock::now() + std::chrono::microseconds(round * 7 % 150);
    while (std::chrono::steady_clock::now() < moment) {
    }
    const std::int32_t closed = rmq_runtime_close(runtime.get(), kLongMs, nullptr);
    starter.join();
    EXPECT_EQ(closed, RMQ_OK);
    EXPECT_TRUE(started == RMQ_OK || started == RMQ_ERROR_CLOSED) << started;
    ASSERT_EQ(threads_of(runtime.get()), 0) << "round " << round;
    ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_ERROR_CLOSED);
    ASSERT_EQ(poll_code(rmq_runtime_event_queue(runtime.get())), RMQ_ERROR_CLOSED);
  }
}

TEST(StartBesideStart, starts_once) {
  for (int round = 0; round < 50; ++round) {
    const Runtime runtime = make_runtime();
    std::barrier all(3);
    std::atomic<int> started{0};
    std::vector<std::thread> starters;
    for (int i = 0; i < 3; ++i) {
      starters.emplace_back([&] {
        all.arrive_and_wait();
        started += rmq_runtime_start(runtime.get(), nullptr) == RMQ_OK;
      });
    }
    for (auto& starter : starters) starter.join();
    EXPECT_EQ(started, 1);
    EXPECT_EQ(threads_of(runtime.get()), 1);
    EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
  }
}

TEST(QueueBesideClose, is_refused_or_finished) {
  for (int round = 0; round < 200; ++round) {
    const Runtime runtime = make_runtime();
    if (round % 4 != 0) {
      ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    }
    std::vector<EventQueue> queues;
    std::atomic<bool> has_queue{false};
    std::thread maker([&] {
      for (;;) {
        rmq_event_queue_t* queue = nullptr;
        const std::int32_t code = rmq_event_queue_new(runtime.get(), &queue, nullptr);
        if (code != RMQ_OK) {
          EXPECT_EQ(code, RMQ_ERROR_CLOSED);
          return;
        }
        queues.emplace_back(queue);
        has_queue = true;
      }
    });
    while (!has_queue) std::this_thread::yield();
    EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
    maker.join();
    for (const EventQueue& queue : queues) ASSERT_EQ(poll_code(queue.get()), RMQ_ERROR_CLOSED);
  }
}

// The host has one lock, which its wake-up function takes and which it holds while it makes and
// destroys queues.
struct LockingHost {
  static void wake(void* self) {
    auto& host = *static_cast<LockingHost*>(self);
    host.is_waking = true;
    const std::lock_guard lock(host.mutex);
    ++host.calls;
  }
  std::mutex mutex;
  std::atomic<bool> is_waking{false};
  std::atomic<int> calls{0};
};

TEST(WakeUpFunction, may_take_a_lock_that_is_held_around_other_calls_at_the_end_of_a_runtime) {
  LockingHost host;
  const Runtime runtime = make_runtime();
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const EventQueue watched = make_queue(runtime.get());
  EventQueue other = make_queue(runtime.get());
  ASSERT_EQ(rmq_event_queue_set_wakeup(watched.get(), &LockingHost::wake, &host, nullptr), RMQ_OK);
  {
    const std::lock_guard lock(host.mutex);
    ASSERT_EQ(rmq_runtime_close_async(runtime.get(), kLongMs, 0, nullptr, nullptr), RMQ_OK);
    while (!host.is_waking) std::this_thread::yield();
    other.reset();
    rmq_event_queue_t* none = nullptr;
    EXPECT_EQ(rmq_event_queue_new(runtime.get(), &none, nullptr), RMQ_ERROR_CLOSED);
    threads_of(runtime.get());
  }
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
  EXPECT_EQ(host.calls, 1);
}

TEST(WakeUpFunction, may_take_a_lock_that_is_held_around_other_calls_when_a_start_is_logged) {
  LockingHost host;
  const Runtime runtime = make_runtime({{"log_level", "info"}});
  const EventQueue logs = make_queue(runtime.get());
  ASSERT_EQ(rmq_runtime_set_event_queue(runtime.get(), RMQ_EVENT_LOG, logs.get(), nullptr), RMQ_OK);
  ASSERT_EQ(rmq_event_queue_set_wakeup(logs.get(), &LockingHost::wake, &host, nullptr), RMQ_OK);
  std::thread starter;
  {
    const std::lock_guard lock(host.mutex);
    starter = std::thread([&] { EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK); });
    while (!host.is_waking) std::this_thread::yield();
    EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_ERROR_ALREADY_STARTED);
    rmq_event_queue_t* queue = nullptr;
    EXPECT_EQ(rmq_event_queue_new(runtime.get(), &queue, nullptr), RMQ_OK);
    rmq_event_queue_destroy(queue);
  }
  starter.join();
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
}

// Not allowed, and still neither a deadlock nor a crash: the runtime closes, and its memory is
// lost.
TEST(WakeUpFunction, that_closes_or_gives_up_its_queue_does_not_wait_for_itself) {
  LoopbackServer broker;
  Client client(broker.address());
  struct Host {
    static void wake(void* self) {
      auto& host = *static_cast<Host*>(self);
      rmq_event_queue_t* queue = host.queue.release();
      if (queue == nullptr) return;
      EXPECT_EQ(rmq_runtime_close(host.runtime, kLongMs, nullptr), RMQ_ERROR_IN_PROGRESS);
      rmq_event_queue_destroy(queue);
      host.is_done = true;
    }
    rmq_runtime_t* runtime;
    EventQueue queue;
    std::atomic<bool> is_done{false};
  } host{client.runtime.get(), std::move(client.queue)};
  ASSERT_EQ(rmq_event_queue_set_wakeup(host.queue.get(), &Host::wake, &host, nullptr), RMQ_OK);
  ASSERT_EQ(client.send(), RMQ_OK);
  while (!host.is_done) std::this_thread::yield();
  EXPECT_EQ(client.close(), RMQ_OK);
}

// The closing thread steps for a host that does not; here the host does.
TEST(DrivenRuntime, may_be_closed_by_another_thread_beside_its_steps) {
  for (int round = 0; round < 20; ++round) {
    LoopbackServer broker;
    auto client =
        std::make_unique<Client>(broker.address(), Options{}, Options{{"run_mode", "driven"}});
    ASSERT_EQ(client->send(), RMQ_OK);
    std::atomic<bool> has_stepped{false};  // until then the starting thread drives
    std::thread driver([&] {
      while (rmq_runtime_step(client->runtime.get(), nullptr) == RMQ_OK) has_stepped = true;
    });
    while (!has_stepped) std::this_thread::yield();
    const std::int32_t code = client->close(1);
    EXPECT_TRUE(code == RMQ_OK || code == RMQ_ERROR_CLOSE_TIMEOUT) << code;
    driver.join();
  }
}

}  // namespace
}  // namespace rmq::test::abi
