// What the log tells while servers are away grows with the servers and the changes, not with queues
// times attempts.
#include "event/log_event.h"
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

constexpr int kTopics = 300;
constexpr std::int32_t kQueues = 4;

class LogLinesTest : public GroupWorld {
 protected:
  void SetUp() override {
    testbroker::ServerOptions options;
    for (int i = 0; i < kTopics; ++i) options.topics.push_back({topic(i), kQueues, kQueues});
    broker = std::make_unique<test::MemoryServer>(network, kBroker, options);
    member = std::make_unique<SimulatedMember>(network, "10.0.0.2", std::string(kBroker),
                                               make_options());
    member->host->core().logger().set_queue(logs);
    for (int i = 0; i < kTopics; ++i)
      ASSERT_TRUE(member->consumer->subscribe(topic(i), FilterType::tag, "").ok());
    ASSERT_TRUE(member->consumer->start().ok());
    network.advance(20s);
    ASSERT_EQ(member->consumer->queues().size(), kTopics * kQueues + 1u);
    take_lines(0s);
  }
  void TearDown() override { end(member); }

  static std::string topic(int i) { return "topic" + std::to_string(i); }

  std::vector<event::LogRecord> take_lines(base::Duration time) {
    network.advance(time);
    std::vector<event::LogRecord> lines;
    event::Event* event = nullptr;
    for (std::size_t count = 0; logs->poll({&event, 1}, base::Duration::zero(), &count) ==
                                event::EventQueue::PollEnd::events;) {
      lines.push_back(*event->parts().log_record);
      event->destroy();
    }
    EXPECT_EQ(logs->dropped(), 0u);
    return lines;
  }
  static std::size_t count(const std::vector<event::LogRecord>& lines, std::string_view operation) {
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const auto& line) { return line.operation == operation; }));
  }

  const std::shared_ptr<event::EventQueue> logs = std::make_shared<event::EventQueue>(100000);
  std::unique_ptr<SimulatedMember> member;
};

TEST_F(LogLinesTest, an_outage_is_a_few_lines_that_become_rarer) {
  (*broker)->crash(120s, testbroker::Memory::kept);
  const auto first = take_lines(8s);
  EXPECT_GE(count(first, "connection"), 1u) << "the server is lost";
  EXPECT_LT(first.size(), 60u);
  const auto second = take_lines(8s);
  EXPECT_LT(second.size(), 20u);
  take_lines(60s);
  EXPECT_LT(take_lines(8s).size(), 6u);
  const auto back = take_lines(60s);
  EXPECT_EQ(count(back, "server_back"), 1u);
  EXPECT_LT(back.size(), 10u);
  EXPECT_EQ(take_lines(20s).size(), 0u);
}

TEST_F(LogLinesTest, one_line_for_a_group_of_queues_says_how_many) {
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::error(1, "broken"));
  (*broker)->cut_connections();
  const auto lines = take_lines(15s);
  // A cause is told for each topic up to a bound, and for all others together.
  EXPECT_LT(lines.size(), 64u * 5);
  const bool has_sum = std::any_of(lines.begin(), lines.end(), [](const auto& line) {
    const std::size_t at = line.line.find(" queues=");
    return at != std::string::npos && std::stoi(line.line.substr(at + 8)) > 500;
  });
  EXPECT_TRUE(has_sum);
}

}  // namespace
}  // namespace rmq::consumer
