// A real broker that dies or freezes under a producer, and comes back.
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "tests/abi/support.h"
#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

constexpr std::int64_t kShortMs = 1000;  // for an answer that does not come

struct Sent {
  std::int32_t code = 0;
  std::int64_t queue_offset = -1;
  std::string error;
};

Sent send(abi::Client& client, std::int64_t timeout_ms = abi::kLongMs) {
  Sent sent;
  rmq_event_t* event = nullptr;
  sent.code = abi::code_of(
      [&](rmq_error_t** error) {
        return rmq_producer_send(client.producer.get(), client.message.get(),
                                 client.destination.get(), 0, timeout_ms, &event, error);
      },
      &sent.error);
  rmq_send_result_view_t result{};
  if (event && rmq_event_send_result(event, &result, sizeof result) == RMQ_OK) {
    sent.queue_offset = result.queue_offset;
  }
  rmq_event_destroy(event);
  return sent;
}

TEST(DisturbedBroker, is_found_again_with_its_store_when_it_was_killed) {
  OwnServers servers(1);
  abi::Client client(servers.brokers().front().address);
  const Sent first = send(client);
  ASSERT_EQ(first.code, RMQ_OK) << first.error;
  EXPECT_EQ(first.queue_offset, 0);

  servers.kill("broker-a");
  const Sent lost = send(client);
  EXPECT_TRUE(lost.code == RMQ_ERROR_REFUSED || lost.code == RMQ_ERROR_RESET) << lost.error;

  servers.restart("broker-a");
  const Sent second = send(client);
  ASSERT_EQ(second.code, RMQ_OK) << second.error;
  EXPECT_EQ(second.queue_offset, 1);
  EXPECT_EQ(client.close(), RMQ_OK);
}

TEST(DisturbedBroker, times_out_while_it_is_frozen_and_serves_afterwards) {
  OwnServers servers(1);
  abi::Client client(servers.brokers().front().address);
  ASSERT_EQ(send(client).code, RMQ_OK);

  servers.pause("broker-a");
  EXPECT_EQ(send(client, kShortMs).code, RMQ_ERROR_REQUEST_TIMEOUT);

  servers.resume("broker-a");
  const Sent later = send(client);
  EXPECT_EQ(later.code, RMQ_OK) << later.error;
  EXPECT_EQ(client.close(), RMQ_OK);
}

// Which broker stored it, and how long the caller waited.
struct Stored {
  std::string broker{};
  std::chrono::duration<double> took{};
};

Stored send_one(RoutedProducer& producer, const std::string& topic) {
  const auto start = std::chrono::steady_clock::now();
  const abi::Event event = producer.send(topic, "hello");
  Stored stored{.took = std::chrono::steady_clock::now() - start};
  rmq_send_result_view_t result{};
  EXPECT_EQ(rmq_event_send_result(event.get(), &result, sizeof result), RMQ_OK);
  if (result.broker_name) stored.broker = result.broker_name;
  return stored;
}

TEST(DisturbedBroker,
     costs_few_senders_a_second_while_it_is_frozen_beside_another_and_is_used_again) {
  constexpr int kSends = 200;
  OwnServers servers(2);
  JavaPeer(servers).run("topic avoided 2");
  RoutedProducer producer(servers, {{"send_latency_fault_enable", "true"}});
  std::map<std::string, int> uses;
  for (int i = 0; i < 8; ++i) ++uses[send_one(producer, "avoided").broker];
  ASSERT_EQ(uses.size(), 2u);

  servers.pause("broker-b");
  int slow = 0;
  for (int i = 0; i < kSends; ++i) {
    const Stored stored = send_one(producer, "avoided");
    EXPECT_EQ(stored.broker, "broker-a");
    slow += stored.took.count() > 0.9;
  }
  std::printf("%d of %d sends took a second\n", slow, kSends);
  EXPECT_LE(slow, 3);

  servers.resume("broker-b");
  const auto back = std::chrono::steady_clock::now();
  Stored stored;
  while (stored.broker != "broker-b" &&
         std::chrono::steady_clock::now() - back < std::chrono::seconds(30)) {
    stored = send_one(producer, "avoided");
  }
  EXPECT_EQ(stored.broker, "broker-b") << "it is well, and gets nothing";
}

}  // namespace
}  // namespace rmq::test
