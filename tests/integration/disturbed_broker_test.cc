// A real broker that dies or freezes under a producer, and comes back.
#include <gtest/gtest.h>

#include "tests/abi/support.h"
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

}  // namespace
}  // namespace rmq::test
