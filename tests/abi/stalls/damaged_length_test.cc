// One damaged byte in the length of an answer: every answer after it disappears in that frame.
#include <rocketmq_testbroker.h>

#include <chrono>

#include "tests/abi/stalls/damaging_proxy.h"
#include "tests/abi/stalls/testbroker.h"
#include "tests/abi/support.h"

namespace rmq::test::abi {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The limit of each send. What comes on top is for a slow machine: before, no send succeeded on
// that connection any more.
constexpr std::int64_t kTimeoutMs = 1000;
constexpr milliseconds kRecoveryMax{20'000};

TEST(DamagedLength, is_got_over_on_a_new_connection) {
  for (const std::size_t place : {1, 2}) {
    char why[256];
    const Testbroker broker(rmq_testbroker_start("topic=orders:1", why, sizeof why));
    ASSERT_TRUE(broker) << why;
    DamagingProxy proxy(rmq_testbroker_namesrv_addr(broker.get()), place);
    Client client(proxy.address());
    ASSERT_EQ(client.send(), RMQ_OK);
    EXPECT_EQ(code_of(client.next()), RMQ_OK);

    proxy.damage();
    const auto begin = steady_clock::now();
    std::int32_t code = -1;
    while (code != RMQ_OK && steady_clock::now() - begin < kRecoveryMax) {
      ASSERT_EQ(client.send(1, kTimeoutMs), RMQ_OK);
      code = code_of(client.next());
    }
    EXPECT_EQ(code, RMQ_OK) << "no send succeeds any more";
    EXPECT_EQ(proxy.connections(), 2);
  }
}

}  // namespace
}  // namespace rmq::test::abi
