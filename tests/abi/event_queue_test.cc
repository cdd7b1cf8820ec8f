// The doors of an event queue: poll, descriptor, wake-up function.
#include <poll.h>

#include <atomic>
#include <set>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

bool is_readable(int fd) {
  pollfd watched{fd, POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

class EventQueueDoors : public testing::Test {
 protected:
  void wait_for_length(std::size_t length) {
    while (rmq_event_queue_length(client.queue.get()) < length) std::this_thread::yield();
  }
  void send_and_wait(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(client.send(i), RMQ_OK);
    wait_for_length(count);
  }

  LoopbackServer broker;
  Client client{broker.address()};
};

TEST_F(EventQueueDoors, descriptor_is_readable_exactly_while_events_wait) {
  const int fd = rmq_event_queue_fd(client.queue.get());
  ASSERT_GE(fd, 0);
  EXPECT_FALSE(is_readable(fd));
  send_and_wait(2);
  EXPECT_TRUE(is_readable(fd));
  EXPECT_TRUE(client.next(0));
  EXPECT_TRUE(is_readable(fd));
  EXPECT_TRUE(client.next(0));
  EXPECT_FALSE(is_readable(fd));
  send_and_wait(1);
  EXPECT_TRUE(is_readable(fd));
  EXPECT_EQ(rmq_event_queue_fd(client.queue.get()), fd);
}

TEST_F(EventQueueDoors, descriptor_made_late_is_readable_at_once) {
  send_and_wait(1);
  EXPECT_TRUE(is_readable(rmq_event_queue_fd(client.queue.get())));
}

TEST_F(EventQueueDoors, wake_up_fires_again_after_a_poll_that_left_events) {
  std::atomic<int> calls{0};
  const auto count = [](void* counter) { ++*static_cast<std::atomic<int>*>(counter); };
  const int fd = rmq_event_queue_fd(client.queue.get());
  ASSERT_EQ(rmq_event_queue_set_wakeup(client.queue.get(), count, &calls, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_event_queue_fd(client.queue.get()), -1);
  send_and_wait(2);
  while (calls == 0) std::this_thread::yield();
  EXPECT_FALSE(is_readable(fd));
  // The last of the pushes may still be about to call.
  ASSERT_EQ(rmq_producer_flush(client.producer.get(), kLongMs, nullptr), RMQ_OK);
  const int before = calls;
  EXPECT_TRUE(client.next(0));
  EXPECT_EQ(calls, before + 1);
  EXPECT_TRUE(client.next(0));
  EXPECT_EQ(calls, before + 1);
  ASSERT_EQ(rmq_event_queue_set_wakeup(client.queue.get(), nullptr, nullptr, nullptr), RMQ_OK);
  send_and_wait(1);
  EXPECT_EQ(calls, before + 1);
  EXPECT_TRUE(is_readable(rmq_event_queue_fd(client.queue.get())));
}

TEST_F(EventQueueDoors, wake_up_set_on_a_queue_with_events_fires_at_once) {
  send_and_wait(1);
  std::atomic<int> calls{0};
  const auto count = [](void* counter) { ++*static_cast<std::atomic<int>*>(counter); };
  ASSERT_EQ(rmq_event_queue_set_wakeup(client.queue.get(), count, &calls, nullptr), RMQ_OK);
  EXPECT_EQ(calls, 1);
  rmq_event_queue_set_wakeup(client.queue.get(), nullptr, nullptr, nullptr);
}

TEST_F(EventQueueDoors, interrupt_ends_the_wait_of_every_poll_once) {
  const auto poll_code = [this](std::int64_t timeout_ms) {
    rmq_event_t* event = nullptr;
    return poll_one(client.queue.get(), timeout_ms, &event, nullptr);
  };
  // Nobody waits: the next poll that finds no event is interrupted, and only that one.
  for (const std::int64_t timeout_ms : {std::int64_t{0}, std::int64_t{RMQ_WAIT_FOREVER}}) {
    rmq_event_queue_interrupt(client.queue.get());
    EXPECT_EQ(poll_code(timeout_ms), RMQ_ERROR_INTERRUPTED);
    EXPECT_EQ(poll_code(0), RMQ_OK);
    EXPECT_EQ(poll_code(1), RMQ_OK);
  }

  std::atomic<int> done{0};
  std::vector<std::thread> pollers;
  for (int i = 0; i < 3; ++i) {
    pollers.emplace_back([&] {
      EXPECT_EQ(poll_code(RMQ_WAIT_FOREVER), RMQ_ERROR_INTERRUPTED);
      ++done;
    });
  }
  while (done < 3) {  // those that come to wait later need another one
    rmq_event_queue_interrupt(client.queue.get());
    std::this_thread::yield();
  }
  for (auto& poller : pollers) poller.join();
}

TEST_F(EventQueueDoors, descriptor_tells_of_an_interrupt_and_of_the_end) {
  const int fd = rmq_event_queue_fd(client.queue.get());
  rmq_event_queue_interrupt(client.queue.get());
  EXPECT_TRUE(is_readable(fd));
  rmq_event_t* event = nullptr;
  EXPECT_EQ(poll_one(client.queue.get(), 0, &event, nullptr), RMQ_ERROR_INTERRUPTED);
  EXPECT_FALSE(is_readable(fd));
  ASSERT_EQ(client.close(), RMQ_OK);
  EXPECT_TRUE(is_readable(fd));
  EXPECT_EQ(poll_one(client.queue.get(), 0, &event, nullptr), RMQ_ERROR_CLOSED);
  EXPECT_TRUE(is_readable(fd));
}

TEST_F(EventQueueDoors, closed_queue_gives_what_it_has_and_then_closed) {
  send_and_wait(2);
  ASSERT_EQ(client.close(), RMQ_OK);
  rmq_event_view_t views[4];
  std::size_t count = 0;
  EXPECT_EQ(rmq_event_queue_poll(client.queue.get(), RMQ_WAIT_FOREVER, views, sizeof views[0], 4,
                                 &count, nullptr),
            RMQ_OK);
  EXPECT_EQ(count, 2u);
  rmq_event_destroy_batch(views, sizeof views[0], count);
  EXPECT_EQ(rmq_event_queue_poll(client.queue.get(), RMQ_WAIT_FOREVER, views, sizeof views[0], 4,
                                 &count, nullptr),
            RMQ_ERROR_CLOSED);
  EXPECT_EQ(count, 0u);
}

TEST_F(EventQueueDoors, poll_that_waits_returns_when_the_runtime_closes) {
  std::thread poller([this] {
    rmq_event_t* event = nullptr;
    EXPECT_EQ(poll_one(client.queue.get(), RMQ_WAIT_FOREVER, &event, nullptr), RMQ_ERROR_CLOSED);
  });
  EXPECT_EQ(client.close(), RMQ_OK);
  poller.join();
}

TEST_F(EventQueueDoors, eight_threads_lose_and_double_nothing) {
  constexpr std::uint64_t kEvents = 100'000;
  constexpr int kPollers = 8;
  std::vector<std::atomic<int>> seen(kEvents);
  std::vector<std::thread> pollers;
  for (int i = 0; i < kPollers; ++i) {
    pollers.emplace_back([&, batch = static_cast<std::size_t>(1 + i * 7)] {
      std::vector<rmq_event_view_t> views(batch);
      std::size_t count = 0;
      while (rmq_event_queue_poll(client.queue.get(), RMQ_WAIT_FOREVER, views.data(),
                                  sizeof views[0], batch, &count, nullptr) == RMQ_OK) {
        for (std::size_t k = 0; k < count; ++k) ++seen[views[k].token];
        rmq_event_destroy_batch(views.data(), sizeof views[0], count);
      }
    });
  }
  const Producer waiting =
      make_producer(client.runtime.get(), client.queue.get(), {{"queue_full_policy", "block"}});
  ASSERT_EQ(rmq_producer_start(waiting.get(), nullptr), RMQ_OK);
  // Nobody listens there, so that the test is about this library and not about a peer's speed.
  const Destination nowhere = make_destination("127.0.0.1:1");
  for (std::uint64_t token = 0; token < kEvents; ++token) {
    ASSERT_EQ(rmq_producer_send_async(waiting.get(), client.message.get(), nowhere.get(), 0,
                                      kLongMs, token, nullptr, nullptr),
              RMQ_OK);
  }
  EXPECT_EQ(client.close(), RMQ_OK);
  for (auto& poller : pollers) poller.join();
  for (const auto& count : seen) ASSERT_EQ(count, 1);
}

TEST(LogEvents, have_stable_keys_and_are_dropped_and_counted_beyond_capacity) {
  const Runtime runtime = make_runtime({{"log_level", "debug"},
                                        {"event_queue_capacity", "64"},
                                        {"instance_name", "logger"},
                                        {"reconnect_backoff_min", "1"},
                                        {"reconnect_backoff_max", "1"}});
  const EventQueue log = make_queue(runtime.get());
  ASSERT_EQ(rmq_runtime_set_event_queue(runtime.get(), RMQ_EVENT_LOG, log.get(), nullptr), RMQ_OK);
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const Producer producer = make_producer(runtime.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  // Each refused connection is a few lines.
  const Message message = make_message();
  const Destination nowhere = make_destination("127.0.0.1:1");
  for (int i = 0; i < 100'000 && rmq_event_queue_dropped(log.get()) == 0; ++i) {
    rmq_producer_send(producer.get(), message.get(), nowhere.get(), 0, 1000, nullptr, nullptr);
  }
  EXPECT_GT(rmq_event_queue_dropped(log.get()), 0u);
  EXPECT_LE(rmq_event_queue_length(log.get()), 64u);

  bool error_seen = false;
  while (const Event event = poll(log.get(), 0)) {
    rmq_log_view_t view{};
    ASSERT_EQ(rmq_event_log(event.get(), &view, sizeof view), RMQ_OK);
    EXPECT_GT(view.timestamp_ms, 1'600'000'000'000);
    EXPECT_GT(view.operation_bytes, 0u);
    EXPECT_GT(view.client_id_bytes, 0u);
    const std::string line(view.line, view.line_bytes);
    for (const char* key : {"event=", "client_id=", "timestamp=", "status="}) {
      EXPECT_NE(line.find(key), std::string::npos) << line;
    }
    EXPECT_GE(view.execution_time_us, -1);
    EXPECT_EQ(view.error == nullptr, view.error_bytes == 0) << "absent is null";
    if (view.error_bytes > 0) {
      error_seen = true;
      EXPECT_NE(view.status, RMQ_OK) << line;
      EXPECT_NE(line.find("error="), std::string::npos) << line;
    }
  }
  EXPECT_TRUE(error_seen);
}

}  // namespace
}  // namespace rmq::test::abi
