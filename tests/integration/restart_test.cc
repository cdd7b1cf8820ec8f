// Servers that die, freeze and come back under a producer and a push consumer: what was said to be
// stored is consumed, what was said not to be is not, and the clients find back by themselves.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "tests/integration/java_peer.h"
#include "tests/integration/servers.h"
#include "tests/integration/traffic.h"

namespace rmq::test {
namespace {

using Seconds = std::chrono::seconds;

constexpr int kRate = 300;  // messages a second
constexpr std::size_t kQueues = 4;
constexpr Seconds kComeBackLimit(30);  // from when the servers are up, for every queue
constexpr Seconds kFinishLimit(60);    // for what is left when nothing more is sent
constexpr Seconds kQuiet(3);           // in which nothing more comes

bool is_long() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets it
  return std::getenv("RMQ_LONG_TESTS") != nullptr;
}

// Before and after the disturbance.
Seconds phase() { return is_long() ? Seconds(30) : Seconds(5); }

class Restart : public testing::Test {
 protected:
  void begin() {
    servers = std::make_unique<OwnServers>(1);
    JavaPeer(*servers).run("topic orders " + std::to_string(kQueues));
    traffic = std::make_unique<Traffic>(*servers, "orders", kQueues, kRate);
    ASSERT_EQ(traffic->wait_for_queues(Moment(), kComeBackLimit).size(), kQueues);
    std::this_thread::sleep_for(phase());
  }

  void expect_all_queues_since(const Moment& moment, const char* what) {
    const auto queues = traffic->wait_for_queues(moment, kComeBackLimit);
    for (const auto& [queue, seconds] : queues) {
      std::printf("%s: consumed again %.2f s after %s\n", queue.c_str(), seconds, what);
      EXPECT_LT(seconds, 30.0);
    }
    EXPECT_EQ(queues.size(), kQueues) << "queues that came back";
  }

  TrafficFigures finish() {
    traffic->finish(kFinishLimit, kQuiet);
    const TrafficFigures figures = traffic->figures();
    print(figures);
    EXPECT_EQ(figures.lost, 0U);
    EXPECT_EQ(figures.wrongly_consumed, 0U);
    EXPECT_EQ(figures.unended, 0U);
    EXPECT_EQ(figures.ended_twice, 0U);
    EXPECT_EQ(figures.sent, figures.applied + figures.maybe_applied + figures.not_applied);
    return figures;
  }

  std::unique_ptr<OwnServers> servers;
  std::unique_ptr<Traffic> traffic;
};

TEST_F(Restart, of_a_killed_broker_loses_nothing_and_every_queue_comes_back) {
  begin();
  servers->kill("broker-a");
  std::this_thread::sleep_for(Seconds(2));
  const Moment restart;
  servers->restart("broker-a");
  const Moment is_up;
  std::printf("the broker took %.2f s to start\n",
              std::chrono::duration<double>(is_up.at - restart.at).count());
  expect_all_queues_since(is_up, "the broker was up");
  // How long a broker takes to come up is the machine's. What begins after that is stored.
  const TrafficFigures before = traffic->figures();
  std::this_thread::sleep_for(phase());
  const TrafficFigures figures = finish();
  EXPECT_GT(figures.sent, before.sent);
  EXPECT_GE(figures.applied - before.applied, figures.sent - before.sent);
}

TEST_F(Restart, of_the_only_name_server_does_not_stop_what_flows) {
  begin();
  servers->kill("namesrv");
  std::this_thread::sleep_for(phase());  // several refreshes of the route fail
  expect_all_queues_since(Moment(), "a while without a NameServer");
  servers->restart("namesrv");
  expect_all_queues_since(Moment(), "the NameServer's restart");
  std::this_thread::sleep_for(phase());
  const TrafficFigures figures = finish();
  EXPECT_EQ(figures.applied, figures.sent);
  EXPECT_EQ(figures.duplicates, 0U);
}

TEST_F(Restart, is_not_needed_by_a_broker_that_was_frozen) {
  begin();
  servers->pause("broker-a");
  std::this_thread::sleep_for(Seconds(6));  // longer than a send may take
  const Moment resume;
  servers->resume("broker-a");
  expect_all_queues_since(resume, "the broker went on");
  std::this_thread::sleep_for(phase());
  finish();
}

}  // namespace
}  // namespace rmq::test
