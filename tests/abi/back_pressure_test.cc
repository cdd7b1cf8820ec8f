// What bounds sends that nobody takes the events of.
#include <chrono>
#include <thread>
#include <vector>

#include "tests/abi/resident_memory.h"
#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

TEST(BackPressure, refuses_millions_of_sends_that_nobody_polls_within_the_memory_bound) {
#ifdef NDEBUG
  constexpr std::int64_t kSends = 10'000'000;
#else
  constexpr std::int64_t kSends = 400'000;  // unoptimised builds are ten times slower
#endif
  constexpr std::int64_t kInflightMax = 1024;
  LoopbackServer broker;
  Client client(broker.address(), {{"max_inflight", std::to_string(kInflightMax)},
                                   {"max_inflight_bytes", "4m"},
                                   {"max_message_size", "1m"},
                                   {"queue_full_policy", "error"}});
  std::int64_t accepted = 0;
  [[maybe_unused]] std::size_t before = 0;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  const std::int64_t sends = kSends / 10;
#else
  const std::int64_t sends = kSends;
#endif
  for (std::int64_t i = 0; i < sends; ++i) {
    if (i == 100) before = resident_bytes();
    const std::int32_t code =
        rmq_producer_send_async(client.producer.get(), client.message.get(),
                                client.destination.get(), 0, kLongMs, 1, nullptr, nullptr);
    accepted += code == RMQ_OK;
    if (code != RMQ_OK && code != RMQ_ERROR_QUEUE_FULL) FAIL() << code;
  }
  EXPECT_EQ(accepted, kInflightMax);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(resident_bytes(), before + (4 << 20) + (8 << 20));
#endif
  // Each event that is taken makes room for one send.
  EXPECT_TRUE(client.next());
  EXPECT_EQ(client.send(), RMQ_OK);
  EXPECT_EQ(client.send(), RMQ_ERROR_QUEUE_FULL);
}

TEST(BackPressure, counts_bytes_as_well_as_sends) {
  LoopbackServer broker;
  Client client(broker.address(), {{"max_inflight_bytes", "64k"},
                                   {"max_message_size", "64k"},
                                   {"queue_full_policy", "error"},
                                   {"enable_message_compression", "false"}});
  client.message = make_message(std::string(30'000, 'x'));
  EXPECT_EQ(client.send(), RMQ_OK);
  EXPECT_EQ(client.send(), RMQ_OK);
  EXPECT_EQ(client.send(), RMQ_ERROR_QUEUE_FULL);
  EXPECT_TRUE(client.next());
  EXPECT_EQ(client.send(), RMQ_OK);
}

TEST(BackPressure, ends_a_blocking_host_that_does_not_poll_at_its_deadline) {
  LoopbackServer broker;
  Client client(broker.address(), {{"max_inflight", "2"}, {"queue_full_policy", "block"}});
  ASSERT_EQ(client.send(1), RMQ_OK);
  ASSERT_EQ(client.send(2), RMQ_OK);
  const auto start = std::chrono::steady_clock::now();
  std::string message;
  EXPECT_EQ(code_of(
                [&](rmq_error_t** error) {
                  return rmq_producer_send_async(client.producer.get(), client.message.get(),
                                                 client.destination.get(), 0, 100, 3, nullptr,
                                                 error);
                },
                &message),
            RMQ_ERROR_QUEUE_FULL);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, std::chrono::milliseconds(99));
  EXPECT_LT(took, std::chrono::seconds(5));
  EXPECT_NE(message.find("max_inflight 2"), std::string::npos) << message;
  EXPECT_TRUE(client.next());
  EXPECT_EQ(client.send(3, 100), RMQ_OK);
}

TEST(BackPressure, lets_a_blocking_host_go_on_when_another_thread_polls) {
  LoopbackServer broker;
  Client client(broker.address(), {{"max_inflight", "2"}, {"queue_full_policy", "block"}});
  constexpr int kSends = 1000;
  std::thread poller([&] {
    for (int i = 0; i < kSends; ++i) EXPECT_EQ(code_of(client.next()), RMQ_OK);
  });
  for (int i = 0; i < kSends; ++i) EXPECT_EQ(client.send(), RMQ_OK);
  poller.join();
}

TEST(BackPressure, of_the_runtime_bounds_all_its_producers_together_and_says_so) {
  LoopbackServer broker;
  Client client(broker.address(), {}, {{"runtime_max_inflight", "3"}});
  const Producer other = make_producer(client.runtime.get(), client.queue.get(), {});
  ASSERT_EQ(rmq_producer_start(other.get(), nullptr), RMQ_OK);
  std::string message;
  const auto send_with_other = [&] {
    return code_of(
        [&](rmq_error_t** error) {
          return rmq_producer_send_async(other.get(), client.message.get(),
                                         client.destination.get(), 0, kLongMs, 9, nullptr, error);
        },
        &message);
  };
  EXPECT_EQ(client.send(1), RMQ_OK);
  EXPECT_EQ(client.send(2), RMQ_OK);
  EXPECT_EQ(send_with_other(), RMQ_OK);
  EXPECT_EQ(send_with_other(), RMQ_ERROR_QUEUE_FULL);
  EXPECT_NE(message.find("3 of runtime_max_inflight 3 sends"), std::string::npos) << message;
  EXPECT_EQ(message.find(" max_inflight"), std::string::npos) << message;
  EXPECT_EQ(client.send(4), RMQ_ERROR_QUEUE_FULL);
  EXPECT_TRUE(client.next());
  EXPECT_EQ(send_with_other(), RMQ_OK) << "whoever held the room";
}

TEST(BackPressure, of_the_runtime_counts_bytes_too_and_the_own_bound_still_holds) {
  LoopbackServer broker;
  Client client(broker.address(), {{"max_inflight", "2"}, {"enable_message_compression", "false"}},
                {{"runtime_max_inflight_bytes", "64k"}});
  std::string message;
  const auto send = [&] {
    return code_of(
        [&](rmq_error_t** error) {
          return rmq_producer_send_async(client.producer.get(), client.message.get(),
                                         client.destination.get(), 0, kLongMs, 1, nullptr, error);
        },
        &message);
  };
  client.message = make_message(std::string(60'000, 'x'));
  EXPECT_EQ(send(), RMQ_OK);
  EXPECT_EQ(send(), RMQ_ERROR_QUEUE_FULL);
  EXPECT_NE(message.find("of runtime_max_inflight_bytes 65536 bytes"), std::string::npos)
      << message;
  client.message = make_message("x");
  EXPECT_EQ(send(), RMQ_OK);
  EXPECT_EQ(send(), RMQ_ERROR_QUEUE_FULL);
  EXPECT_NE(message.find("2 of max_inflight 2 sends"), std::string::npos) << message;
}

TEST(BackPressure, of_the_runtime_lets_each_of_many_blocking_producers_go_on) {
  LoopbackServer broker;
  Client client(broker.address(), {{"queue_full_policy", "block"}},
                {{"runtime_max_inflight", "2"}});
  const Producer other =
      make_producer(client.runtime.get(), client.queue.get(), {{"queue_full_policy", "block"}});
  ASSERT_EQ(rmq_producer_start(other.get(), nullptr), RMQ_OK);
  constexpr int kSends = 300;
  std::thread poller([&] {
    for (int i = 0; i < 4 * kSends; ++i) EXPECT_EQ(code_of(client.next()), RMQ_OK);
  });
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    rmq_producer_t* producer = i == 3 ? other.get() : client.producer.get();
    senders.emplace_back([&, producer] {
      for (int n = 0; n < kSends; ++n) {
        EXPECT_EQ(rmq_producer_send_async(producer, client.message.get(), client.destination.get(),
                                          0, kLongMs, 1, nullptr, nullptr),
                  RMQ_OK);
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  poller.join();
}

TEST(BackPressure, never_blocks_the_thread_that_drives) {
  LoopbackServer broker;
  Client client(broker.address(), {{"max_inflight", "1"}, {"queue_full_policy", "block"}},
                {{"run_mode", "driven"}});
  ASSERT_EQ(client.send(1), RMQ_OK);
  EXPECT_EQ(client.send(2), RMQ_ERROR_QUEUE_FULL);
  EXPECT_EQ(rmq_producer_send(client.producer.get(), client.message.get(), client.destination.get(),
                              0, 0, nullptr, nullptr),
            RMQ_ERROR_WRONG_THREAD);
  EXPECT_EQ(rmq_producer_flush(client.producer.get(), 0, nullptr), RMQ_ERROR_WRONG_THREAD);
  EXPECT_EQ(client.close(), RMQ_ERROR_IN_PROGRESS);
  while (rmq_runtime_step(client.runtime.get(), nullptr) == RMQ_OK) {
  }
  EXPECT_EQ(code_of(client.next(0)), RMQ_OK);
}

}  // namespace
}  // namespace rmq::test::abi
