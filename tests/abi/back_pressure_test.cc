// What bounds sends that nobody takes the events of.
#include <chrono>
#include <thread>

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
