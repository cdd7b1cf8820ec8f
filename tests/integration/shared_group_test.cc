// One group with a Java consumer and ours: they divide the queues, and each goes on with the
// other's when it leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

using Clock = std::chrono::steady_clock;
using Queues = std::set<std::string>;

constexpr std::size_t kQueues = 8;                  // of all brokers together
constexpr std::size_t kRound = 160;                 // messages that go to all queues by turns
constexpr std::chrono::seconds kTakeOverLimit(10);  // no member waits for its next own look (20 s)

class SharedGroup : public testing::Test {
 protected:
  SharedGroup() {
    peer.run("topic " + topic + " " + std::to_string(kQueues / servers.brokers().size()));
  }

  // Who has consumed which messages, from which queues.
  struct Round {
    Queues ours;
    Queues javas;
    std::size_t our_messages = 0;
    std::size_t java_messages = 0;
  };

  // Sends a round and has both sides consume until nothing is missing; each message comes once.
  Round consume_round(GroupMember* member) {
    std::set<std::string> left;
    for (std::size_t i = 0; i < kRound; ++i) {
      const abi::Event event = producer.send(topic, "message");
      rmq_event_view_t view{};
      EXPECT_EQ(rmq_event_view(event.get(), &view, sizeof view), RMQ_OK);
      left.insert(std::string(view.message_id, view.message_id_bytes));
    }
    EXPECT_EQ(left.size(), kRound);
    Round round;
    const auto deadline = Clock::now() + std::chrono::seconds(60);
    while (!left.empty() && Clock::now() < deadline) {
      if (member) {
        if (const abi::Event delivery = member->next(5)) {
          round.ours.insert(origin_of(delivery).queue);
          for (const Received& message : messages_of(delivery)) {
            EXPECT_EQ(left.erase(message.message_id), 1U) << "came twice: " << message.message_id;
            ++round.our_messages;
          }
          EXPECT_EQ(answer(delivery), RMQ_OK);
        }
      }
      while (const auto message = peer.poll_message(std::chrono::seconds(member ? 0 : 1))) {
        round.javas.insert(message->queue);
        EXPECT_EQ(left.erase(message->message_id), 1U) << "came twice: " << message->message_id;
        ++round.java_messages;
      }
    }
    EXPECT_EQ(left.size(), 0U) << "messages did not come";
    return round;
  }

  Queues java_queues(std::size_t count, std::chrono::seconds limit = std::chrono::seconds(30)) {
    const std::vector<std::string> queues = peer.wait_for_queues(group, count, limit);
    return {queues.begin(), queues.end()};
  }

  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
  RoutedProducer producer{servers};
  std::string topic = "shared_" + std::to_string(::getpid());
  std::string group = "group_of_" + topic;
};

TEST_F(SharedGroup, divides_the_queues_and_goes_on_with_those_of_the_one_who_left) {
  peer.run("consume " + topic + " " + group);
  ASSERT_EQ(java_queues(kQueues).size(), kQueues);
  EXPECT_EQ(consume_round(nullptr).javas.size(), kQueues);
  ASSERT_EQ(peer.wait_until_committed(group, topic), kRound);

  auto start = Clock::now();
  GroupMember member(servers, topic, group);
  const Queues javas = java_queues(kQueues / 2);
  std::printf("the Java consumer gave half of its queues to ours in %.2f s\n",
              std::chrono::duration<double>(Clock::now() - start).count());
  ASSERT_EQ(javas.size(), kQueues / 2);
  const Round both = consume_round(&member);
  EXPECT_EQ(both.javas, javas);
  EXPECT_EQ(both.ours.size(), kQueues / 2);
  for (const std::string& queue : both.ours) EXPECT_FALSE(javas.contains(queue)) << queue;
  std::printf("each took half of the queues: ours %zu messages, Java's %zu\n", both.our_messages,
              both.java_messages);

  ASSERT_EQ(peer.wait_until_committed(group, topic, std::chrono::seconds(30)), 2 * kRound);
  start = Clock::now();
  EXPECT_EQ(member.close(), RMQ_OK);
  const auto closed = Clock::now();
  EXPECT_EQ(java_queues(kQueues, kTakeOverLimit).size(), kQueues);
  std::printf("ours closed in %.3f s, the Java consumer had all queues %.3f s later\n",
              std::chrono::duration<double>(closed - start).count(),
              std::chrono::duration<double>(Clock::now() - closed).count());
  EXPECT_EQ(consume_round(nullptr).javas.size(), kQueues);

  ASSERT_EQ(peer.wait_until_committed(group, topic, std::chrono::seconds(30)), 3 * kRound);
  GroupMember next(servers, topic, group);
  ASSERT_EQ(java_queues(kQueues / 2).size(), kQueues / 2);
  peer.run("leave " + group);
  start = Clock::now();
  const Round last = consume_round(&next);
  EXPECT_EQ(last.ours.size(), kQueues);
  EXPECT_EQ(last.our_messages, kRound);
  const std::chrono::duration<double> took = Clock::now() - start;
  EXPECT_LT(took, kTakeOverLimit);
  std::printf("the Java consumer left, ours had consumed from all queues %.3f s later\n",
              took.count());
  EXPECT_EQ(next.close(), RMQ_OK);
}

}  // namespace
}  // namespace rmq::test
