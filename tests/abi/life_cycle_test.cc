// Start, close and destroy, in every order and against running sends.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

void withhold_answers(LoopbackServer& broker) {
  broker.call([](testbroker::Server& server) {
    server.script().on_any().then(testbroker::fault::no_answer());
  });
}

// Takes all that is there until the queue says CLOSED; counts by token.
std::map<std::uint64_t, int> drain(rmq_event_queue_t* queue, std::uint64_t* last = nullptr) {
  std::map<std::uint64_t, int> seen;
  for (;;) {
    rmq_event_t* event = nullptr;
    if (poll_one(queue, kLongMs, &event, nullptr) != RMQ_OK || !event) return seen;
    ++seen[view_of(event).token];
    if (last) *last = view_of(event).token;
    rmq_event_destroy(event);
  }
}

TEST(LifeCycle, closes_what_was_never_started) {
  const Runtime runtime = make_runtime();
  const Producer producer = make_producer(runtime.get());
  EXPECT_EQ(rmq_producer_close(producer.get(), 0, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_ERROR_NOT_STARTED);
  EXPECT_EQ(rmq_runtime_close(runtime.get(), 0, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_runtime_close(runtime.get(), 0, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_ERROR_CLOSED);
  rmq_event_t* event = nullptr;
  EXPECT_EQ(poll_one(rmq_runtime_event_queue(runtime.get()), RMQ_WAIT_FOREVER, &event, nullptr),
            RMQ_ERROR_CLOSED);
}

TEST(LifeCycle, starts_once) {
  LoopbackServer broker;
  Client client(broker.address());
  EXPECT_EQ(rmq_runtime_start(client.runtime.get(), nullptr), RMQ_ERROR_ALREADY_STARTED);
  EXPECT_EQ(rmq_producer_start(client.producer.get(), nullptr), RMQ_ERROR_ALREADY_STARTED);
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_EQ(rmq_producer_close(client.producer.get(), 0, nullptr), RMQ_OK);
  EXPECT_EQ(client.send(), RMQ_ERROR_CLOSED);
  EXPECT_EQ(rmq_producer_start(client.producer.get(), nullptr), RMQ_ERROR_CLOSED);
}

TEST(LifeCycle, closes_a_producer_twice_and_leaves_the_others_alone) {
  LoopbackServer broker;
  Client client(broker.address());
  const Producer other = make_producer(client.runtime.get(), client.queue.get());
  ASSERT_EQ(rmq_producer_start(other.get(), nullptr), RMQ_OK);
  EXPECT_EQ(rmq_producer_close(other.get(), 0, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_producer_close(other.get(), 0, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_producer_send(other.get(), client.message.get(), client.destination.get(), 0, 0,
                              nullptr, nullptr),
            RMQ_ERROR_CLOSED);
  EXPECT_EQ(client.send(), RMQ_OK);
  EXPECT_EQ(code_of(client.next()), RMQ_OK);
}

TEST(LifeCycle, gives_each_pending_send_its_event_when_destroyed_without_close) {
  LoopbackServer broker;
  withhold_answers(broker);
  for (const bool runtime_first : {true, false}) {
    Client client(broker.address());
    for (std::uint64_t token = 0; token < 10; ++token) ASSERT_EQ(client.send(token), RMQ_OK);
    if (runtime_first) {
      client.runtime.reset();
      client.producer.reset();
    } else {
      client.producer.reset();
      client.runtime.reset();
    }
    int shutdowns = 0;
    while (const Event event = client.next(0)) shutdowns += code_of(event) == RMQ_ERROR_SHUTDOWN;
    EXPECT_EQ(shutdowns, 10);
  }
}

TEST(LifeCycle, allows_destroy_in_every_order) {
  LoopbackServer broker;
  std::vector<int> order{0, 1, 2, 3, 4};
  do {
    Client client(broker.address());
    ASSERT_EQ(client.send(1), RMQ_OK);
    Event event = client.next();
    ASSERT_TRUE(event);
    ASSERT_EQ(client.send(2), RMQ_OK);  // pending or queued
    for (const int which : order) {
      if (which == 0) client.queue.reset();
      if (which == 1) client.producer.reset();
      if (which == 2) client.runtime.reset();
      if (which == 3) event.reset();
      if (which == 4) client.message.reset();
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(LifeCycle, restarts_by_making_a_new_runtime_at_once) {
  LoopbackServer broker;
  auto client = std::make_unique<Client>(broker.address());
  for (int round = 0; round < 5; ++round) {
    ASSERT_EQ(client->send(1), RMQ_OK);
    EXPECT_EQ(code_of(client->next()), RMQ_OK);
    ASSERT_EQ(client->close(), RMQ_OK);
    client = std::make_unique<Client>(broker.address());
  }
}

TEST(LifeCycle, holds_for_two_hundred_cycles) {
  LoopbackServer broker;
  const auto threads_now = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  const auto descriptors_now = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto threads = threads_now();
  std::ptrdiff_t descriptors = 0;
  for (int cycle = 0; cycle < 200; ++cycle) {
    Client client(broker.address());
    ASSERT_EQ(client.send(1), RMQ_OK);
    ASSERT_EQ(code_of(client.next()), RMQ_OK);
    ASSERT_EQ(client.close(), RMQ_OK);
    // All but the broker's, which hears of the end a little later.
    if (cycle == 10) descriptors = descriptors_now();
  }
  EXPECT_EQ(threads_now(), threads);
  ASSERT_TRUE(
      broker.wait_until([](testbroker::Server& server) { return server.connection_count() == 0; }));
  EXPECT_LE(descriptors_now(), descriptors);
}

class CloseAgainstSends : public testing::TestWithParam<int> {};

TEST_P(CloseAgainstSends, gives_every_accepted_send_one_event_and_closed_last) {
  LoopbackServer broker;
  for (int round = 0; round < 10; ++round) {
    Client client(broker.address(), {{"max_inflight", "2000"}, {"queue_full_policy", "block"}});
    std::atomic<std::uint64_t> accepted{0};
    std::vector<std::thread> senders;
    for (std::uint64_t thread = 0; thread < 4; ++thread) {
      senders.emplace_back([&, thread] {
        for (std::uint64_t i = 0;; ++i) {
          const std::int32_t code = client.send(thread << 32 | i);
          if (code != RMQ_OK) {
            EXPECT_TRUE(code == RMQ_ERROR_CLOSING || code == RMQ_ERROR_CLOSED) << code;
            return;
          }
          ++accepted;
        }
      });
    }
    while (accepted < 100) std::this_thread::yield();
    constexpr std::uint64_t kCloseToken = UINT64_MAX;
    bool has_last = false;
    switch (GetParam()) {
      case 0:
        EXPECT_EQ(client.close(), RMQ_OK);
        break;
      case 1:
        EXPECT_EQ(rmq_producer_close(client.producer.get(), kLongMs, nullptr), RMQ_OK);
        break;
      case 2:
        has_last = true;
        EXPECT_EQ(
            rmq_producer_close_async(client.producer.get(), kLongMs, kCloseToken, nullptr, nullptr),
            RMQ_OK);
        break;
      default:
        client.close(1);
    }
    for (auto& sender : senders) sender.join();
    std::uint64_t last = 0;
    if (has_last) {
      std::uint64_t events = 0;
      for (Event event = client.next(); event; event = client.next()) {
        if (view_of(event).event_type == RMQ_EVENT_CLOSED) {
          last = view_of(event).token;
          break;
        }
        ++events;
      }
      EXPECT_EQ(last, kCloseToken);
      EXPECT_EQ(events, accepted);
      EXPECT_EQ(rmq_event_queue_length(client.queue.get()), 0u);
      continue;
    }
    client.producer.reset();  // nothing of it may be on its way any more
    client.runtime.reset();
    const auto seen = drain(client.queue.get());
    EXPECT_EQ(seen.size(), accepted);
    for (const auto& [token, count] : seen) ASSERT_EQ(count, 1) << token;
  }
}
INSTANTIATE_TEST_SUITE_P(Ways, CloseAgainstSends, testing::Range(0, 4));

TEST(LifeCycle, keeps_two_runtimes_apart) {
  LoopbackServer broker;
  Client first(broker.address());
  Client second(broker.address());
  ASSERT_EQ(first.send(1), RMQ_OK);
  EXPECT_EQ(code_of(first.next()), RMQ_OK);
  ASSERT_EQ(first.close(), RMQ_OK);
  ASSERT_EQ(second.send(2), RMQ_OK);
  const Event event = second.next();
  EXPECT_EQ(view_of(event).token, 2u);
  EXPECT_EQ(code_of(event), RMQ_OK);
}

TEST(LifeCycle, ends_with_the_closed_event_of_an_asynchronous_close) {
  LoopbackServer broker;
  withhold_answers(broker);
  const Runtime runtime = make_runtime();
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const Producer producer = make_producer(runtime.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  const Message message = make_message();
  const Destination destination = make_destination(broker.address());
  ASSERT_EQ(rmq_producer_send_async(producer.get(), message.get(), destination.get(), 0, kLongMs, 1,
                                    nullptr, nullptr),
            RMQ_OK);
  int mark = 0;
  EXPECT_EQ(rmq_runtime_close_async(runtime.get(), 50, 7, &mark, nullptr), RMQ_OK);
  const std::int32_t again = rmq_runtime_close_async(runtime.get(), 50, 8, nullptr, nullptr);
  EXPECT_TRUE(again == RMQ_ERROR_CLOSING || again == RMQ_ERROR_CLOSED) << again;
  rmq_event_queue_t* queue = rmq_runtime_event_queue(runtime.get());
  EXPECT_EQ(code_of(poll(queue)), RMQ_ERROR_SHUTDOWN);
  const Event closed = poll(queue);
  EXPECT_EQ(view_of(closed).event_type, RMQ_EVENT_CLOSED);
  EXPECT_EQ(view_of(closed).token, 7u);
  EXPECT_EQ(view_of(closed).user_data, &mark);
  EXPECT_EQ(code_of(closed), RMQ_ERROR_CLOSE_TIMEOUT);
  rmq_event_t* none = nullptr;
  EXPECT_EQ(poll_one(queue, RMQ_WAIT_FOREVER, &none, nullptr), RMQ_ERROR_CLOSED);
}

// As the header says to drive a runtime: the number that it gives is how long the host sleeps.
TEST(LifeCycle, of_a_driven_runtime_ends_for_a_host_that_goes_by_its_numbers) {
  const Runtime runtime = make_runtime({{"run_mode", "driven"}});
  EXPECT_EQ(rmq_runtime_timeout_ms(runtime.get()), 0);
  EXPECT_EQ(rmq_runtime_step(runtime.get(), nullptr), RMQ_ERROR_NOT_STARTED);
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  ASSERT_EQ(rmq_runtime_close_async(runtime.get(), kLongMs, 1, nullptr, nullptr), RMQ_OK);
  std::int32_t code = RMQ_OK;
  while (code == RMQ_OK) {
    pollfd watched{rmq_runtime_fd(runtime.get()), POLLIN, 0};
    const std::int64_t timeout_ms = rmq_runtime_timeout_ms(runtime.get());
    ASSERT_TRUE(watched.fd >= 0 || timeout_ms == 0) << "this host would sleep for ever";
    ::poll(&watched, 1, static_cast<int>(timeout_ms));
    code = rmq_runtime_step(runtime.get(), nullptr);
  }
  EXPECT_EQ(code, RMQ_ERROR_CLOSED);
}

// Of a driven runtime that nobody steps any more, on a thread that does not drive it.
std::int32_t close_from_outside(Client& client, std::int64_t timeout_ms) {
  std::int32_t code = -1;
  std::thread([&] { code = client.close(timeout_ms); }).join();
  return code;
}

TEST(LifeCycle, of_a_driven_runtime_ends_by_a_close_when_nobody_steps) {
  LoopbackServer broker;
  withhold_answers(broker);
  Client client(broker.address(), {}, {{"run_mode", "driven"}});
  ASSERT_EQ(client.send(), RMQ_OK);
  EXPECT_EQ(close_from_outside(client, 50), RMQ_ERROR_CLOSE_TIMEOUT) << "a send was cut short";
  EXPECT_EQ(rmq_runtime_step(client.runtime.get(), nullptr), RMQ_ERROR_CLOSED);
  EXPECT_EQ(code_of(client.next(0)), RMQ_ERROR_SHUTDOWN);
}

TEST(LifeCycle, of_an_idle_driven_runtime_ends_well_when_nobody_steps) {
  LoopbackServer broker;
  Client client(broker.address(), {}, {{"run_mode", "driven"}});
  EXPECT_EQ(close_from_outside(client, 50), RMQ_OK);
  EXPECT_EQ(rmq_runtime_step(client.runtime.get(), nullptr), RMQ_ERROR_CLOSED);
}

TEST(LifeCycle, flushes_before_it_closes) {
  LoopbackServer broker;
  Client client(broker.address());
  for (std::uint64_t token = 0; token < 100; ++token) ASSERT_EQ(client.send(token), RMQ_OK);
  ASSERT_EQ(rmq_producer_flush_async(client.producer.get(), kLongMs, 100, nullptr, nullptr),
            RMQ_OK);
  ASSERT_EQ(rmq_producer_flush(client.producer.get(), kLongMs, nullptr), RMQ_OK);
  ASSERT_EQ(client.close(), RMQ_OK);
  std::uint64_t last = 0;
  EXPECT_EQ(drain(client.queue.get(), &last).size(), 101u);
  EXPECT_EQ(last, 100u);
}

}  // namespace
}  // namespace rmq::test::abi
