// Faults of the way between clients and servers; the servers themselves stay well. Ours and the
// official Java client meet the same fault at the same moment.
#include <gtest/gtest.h>

#include <thread>

#include "protocol/request_code.h"
#include "tests/integration/faults/fault_stage.h"

namespace rmq::test {
namespace {

using protocol::RequestCode;

constexpr std::size_t kPullAnswerBytes = 400;  // an answer to a pull that has messages is larger

std::int32_t number(RequestCode code) { return static_cast<std::int32_t>(code); }

class Faults : public testing::Test {
 protected:
  // The next frame that comes from a broker, at every entrance.
  void harm_next_frame(const FrameFault& fault) {
    stage.proxy().add({{kAllBrokers, FrameDirection::to_client, 0}, fault, 0, 1});
  }

  Servers servers = Servers::of_the_fixture();
  FaultStage stage{servers, testing::UnitTest::GetInstance()->current_test_info()->name()};
};

TEST_F(Faults, lost_connection) {
  expect_promises_kept(stage.run([&] { stage.proxy().cut(kAllBrokers); }).ours);
}

// The servers do not learn of it either: they hold the old connections for two minutes more.
TEST_F(Faults, silent_connection) {
  expect_promises_kept(stage.run([&] { stage.proxy().silence(kAllBrokers, true); }).ours);
}

TEST_F(Faults, silent_connection_of_senders) {
  const FaultResult result = stage.run([&] {
    for (const char* side : {"ours", "java"}) {
      for (const char* sender : {".single", ".many"}) {
        stage.proxy().silence({std::string(side) + sender, "broker"}, true);
      }
    }
  });
  expect_promises_kept(result.ours);
}

TEST_F(Faults, refused_for_a_while) {
  const FaultResult result = stage.run([&] {
    stage.proxy().refuse(kAllBrokers);
    std::this_thread::sleep_for(std::chrono::seconds(is_long_run() ? 10 : 3));
    stage.proxy().accept(kAllBrokers);
  });
  expect_promises_kept(result.ours);
}

// A plausible length: the frame claims to be 64 KiB longer than it is.
TEST_F(Faults, damaged_length_word) {
  const auto harm = [&] { harm_next_frame(FrameFault::make_damage(FramePart::length_word, 1, 1)); };
  expect_promises_kept(stage.run(harm).ours);
}

TEST_F(Faults, half_a_frame) {
  const auto harm = [&] { harm_next_frame({FaultKind::halve}); };
  expect_promises_kept(stage.run(harm).ours);
}

TEST_F(Faults, damaged_header) {
  const auto harm = [&] { harm_next_frame(FrameFault::make_damage(FramePart::header, 0, 0x20)); };
  expect_promises_kept(stage.run(harm).ours);
}

// Inside the body of a stored message, so that only its checksum tells.
TEST_F(Faults, damaged_body) {
  const FaultResult result = stage.run([&] {
    stage.proxy().add({{kAllBrokers, FrameDirection::to_client, number(RequestCode::PULL_MESSAGE),
                        kPullAnswerBytes},
                       FrameFault::make_damage(FramePart::body, 120, 1),
                       0,
                       1});
  });
  expect_promises_kept(result.ours);
}

// Answers to sends come when the senders have given them up.
TEST_F(Faults, late_answers) {
  const FaultResult result = stage.run([&] {
    const FrameMatch answers{kAllBrokers, FrameDirection::to_client,
                             number(RequestCode::SEND_MESSAGE_V2)};
    stage.proxy().add({answers, FrameFault::make_delay(std::chrono::seconds(4)), 0, 3});
  });
  expect_promises_kept(result.ours);
}

// Nobody sends; members should keep their queues and connections.
TEST_F(Faults, idle_for_a_while) {
  const FaultResult result = stage.run([&] {
    stage.set_rate(0);
    std::this_thread::sleep_for(std::chrono::seconds(is_long_run() ? 120 : 5));
    stage.set_rate(kFaultRate);
  });
  expect_promises_kept(result.ours);
  EXPECT_EQ(result.ours.queue_moves, 0U);
}

}  // namespace
}  // namespace rmq::test
