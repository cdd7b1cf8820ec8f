// An operator moves the offsets of a group while its consumer runs. A 4.9 broker asks the consumer
// to begin again there; a 5.x broker keeps the new offset and refuses the next pull with it.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

class ResetOffset : public testing::Test {
 protected:
  static constexpr std::size_t kQueuesOfABroker = 2;

  void SetUp() override {
    queues = kQueuesOfABroker *
             peer.run("topic " + topic + " " + std::to_string(kQueuesOfABroker)).size();
  }
  std::multiset<std::string> send(RoutedProducer& sender, int first, int count) {
    std::multiset<std::string> bodies;
    for (int i = first; i < first + count; ++i) {
      bodies.insert(std::to_string(i));
      EXPECT_TRUE(sender.send(topic, std::to_string(i)));
    }
    return bodies;
  }

  // Brokers before 5.0 reset no queue of which the group has no offset yet.
  void wait_for_offset_of_each_queue() {
    std::size_t count = 0;
    while (count < queues) {
      count = 0;
      for (const PeerLine& line : peer.run("offset " + group + " " + topic))
        count += line.at(1) == topic && std::stoll(line.at(3)) > 0;
    }
  }

  const std::string topic = "reset_" + std::to_string(::getpid()) + "_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string group = "group_of_" + topic;
  std::size_t queues = 0;
  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
};

TEST_F(ResetOffset, to_the_beginning_delivers_all_once_more) {
  RoutedProducer sender(servers);
  GroupMember member(servers, topic, group);
  const auto bodies = send(sender, 0, 20);
  ASSERT_EQ(bodies_of(member.consume(20)), bodies);
  wait_for_offset_of_each_queue();
  peer.run("reset " + topic + " " + group + " 0");
  // A 5.x broker tells it to the next pull: new messages end those that are held.
  auto again = send(sender, 20, static_cast<int>(queues));
  again.insert(bodies.begin(), bodies.end());
  EXPECT_EQ(bodies_of(member.consume(again.size())), again);
  EXPECT_THAT(member.errors, testing::IsEmpty());
}

// The consumer has but a few messages of a long backlog, of which the operator lets go.
TEST_F(ResetOffset, to_the_end_leaves_out_the_backlog) {
  constexpr std::size_t kBacklog = 100;
  RoutedProducer sender(servers);
  send(sender, 0, kBacklog);
  GroupMember member(servers, topic, group,
                     {{"pull_batch_size", "1"}, {"pull_threshold_for_queue", "1"}});
  std::set<std::string> begun;
  std::vector<abi::Event> unanswered;
  while (begun.size() < queues) {
    abi::Event delivery = member.next();
    ASSERT_TRUE(delivery);
    if (begun.insert(origin_of(delivery).queue).second) {
      answer(delivery);
    } else {
      unanswered.push_back(std::move(delivery));
    }
  }
  wait_for_offset_of_each_queue();
  peer.run("reset " + topic + " " + group + " -1");
  // A 5.x broker tells it to the next pull, for which a full queue waits.
  for (const abi::Event& delivery : unanswered) answer(delivery);
  const auto later = send(sender, kBacklog, 5);
  std::multiset<std::string> delivered;
  while (!std::includes(delivered.begin(), delivered.end(), later.begin(), later.end())) {
    const abi::Event delivery = member.next();
    ASSERT_TRUE(delivery);
    delivered.merge(bodies_of(messages_of(delivery)));
    answer(delivery);
  }
  EXPECT_LT(delivered.size(), kBacklog / 2);
  EXPECT_THAT(member.errors, testing::IsEmpty());
}

}  // namespace
}  // namespace rmq::test
