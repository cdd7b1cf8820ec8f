// Servers that go and come back. Ours and the official Java client meet it at the same moment,
// behind a proxy that goes and comes with the servers.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>

#include "tests/integration/faults/fault_stage.h"

namespace rmq::test {
namespace {

using Seconds = std::chrono::seconds;

std::string case_name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

// Ten minutes; RMQ_FAULTS_AWAY_SECONDS shortens the trial.
Seconds time_away() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets it
  const char* text = std::getenv("RMQ_FAULTS_AWAY_SECONDS");
  return Seconds(text ? std::stoi(text) : 600);
}

TEST(FaultsOfServers, killed_and_restarted) {
  OwnServers servers(2);
  FaultStage stage(servers, case_name());
  const FaultResult result = stage.run([&] {
    servers.kill("broker-a");
    std::this_thread::sleep_for(Seconds(2));
    servers.restart("broker-a");
  });
  expect_promises_kept(result.ours);
}

TEST(FaultsOfServers, rolling_restart) {
  OwnServers servers(2);
  FaultStage stage(servers, case_name());
  const FaultResult result = stage.run([&] {
    for (const char* broker : {"broker-a", "broker-b"}) {
      servers.restart(broker);
      std::this_thread::sleep_for(Seconds(5));
    }
  });
  expect_promises_kept(result.ours);
}

// The only broker. The NameServer forgets the broker meanwhile.
TEST(FaultsOfServers, away_for_ten_minutes) {
  OwnServers servers(1);
  FaultStage stage(servers, case_name());
  const FaultResult result = stage.run([&] {
    servers.kill("broker-a");
    std::this_thread::sleep_for(time_away());
    servers.restart("broker-a");
  });
  expect_promises_kept(result.ours);
}

}  // namespace
}  // namespace rmq::test
