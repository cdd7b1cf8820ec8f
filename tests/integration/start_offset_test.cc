// Where a new group begins in a young queue, whose first message is still in the broker's memory.
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <set>
#include <string>
#include <thread>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

using Clock = std::chrono::system_clock;

// As the option has it: local time.
std::string to_option(Clock::time_point moment) {
  const std::time_t seconds = Clock::to_time_t(moment);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char text[16];
  std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &local);
  return text;
}

class StartOffset : public testing::Test {
 protected:
  // Eight messages; the last three are stored a second after the others, and later.
  void SetUp() override {
    topic = "start_offset_" + std::to_string(::getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    peer.run("topic " + topic + " 1");
    RoutedProducer sender(servers);
    send(sender, 0, 5);
    between = std::chrono::ceil<std::chrono::seconds>(Clock::now()) + std::chrono::seconds(1);
    std::this_thread::sleep_until(between + std::chrono::seconds(1));  // store times are real
    send(sender, 5, 8);
  }
  void send(RoutedProducer& sender, int begin, int end) {
    for (int i = begin; i < end; ++i) sender.send(topic, std::to_string(i));
  }
  std::multiset<std::string> consume(const abi::Options& options, std::size_t expected) {
    GroupMember member(servers, topic, "group_of_" + topic, options);
    return bodies_of(member.consume(expected));
  }
  bool is_4() const { return servers.version().starts_with("4."); }

  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
  std::string topic;
  Clock::time_point between;
};

// 4.9 says that the offset of every new group is 0.
TEST_F(StartOffset, is_a_time_where_the_broker_says_that_the_group_is_new) {
  std::multiset<std::string> expected{"5", "6", "7"};
  if (is_4()) expected.insert({"0", "1", "2", "3", "4"});
  const abi::Options options = {{"consume_from_where", "timestamp"},
                                {"consume_timestamp", to_option(between)}};
  EXPECT_EQ(consume(options, expected.size()), expected);
}

TEST_F(StartOffset, is_the_first_message_of_a_young_queue_with_last) {
  const std::multiset<std::string> expected{"0", "1", "2", "3", "4", "5", "6", "7"};
  EXPECT_EQ(consume({{"consume_from_where", "last"}}, expected.size()), expected);
}

}  // namespace
}  // namespace rmq::test
