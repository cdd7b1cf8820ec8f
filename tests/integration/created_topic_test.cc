// A topic that nobody made: the first send has a broker create it, by the default topic TBW102.
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

constexpr int kQueues = 3;
constexpr int kSends = 12;

TEST(CreatedTopic, has_the_queues_that_the_producer_asks_for_and_reaches_a_consumer) {
  const Servers servers = Servers::of_the_fixture();
  const std::string topic = "created_" + std::to_string(::getpid());
  RoutedProducer producer(servers, {{"default_topic_queue_nums", std::to_string(kQueues)}});
  std::multiset<std::string> sent;
  std::set<std::int32_t> queues;
  for (int i = 0; i < kSends; ++i) {
    const abi::Event event = producer.send(topic, "message " + std::to_string(i));
    rmq_send_result_view_t result{};
    ASSERT_EQ(rmq_event_send_result(event.get(), &result, sizeof result), RMQ_OK);
    EXPECT_EQ(result.status, RMQ_SEND_OK);
    queues.insert(result.queue_id);
    sent.insert("message " + std::to_string(i));
  }
  EXPECT_EQ(queues, (std::set<std::int32_t>{0, 1, 2}));

  GroupMember member(servers, topic, "group_of_" + topic);
  EXPECT_EQ(bodies_of(member.consume(sent.size())), sent);
  EXPECT_EQ(member.close(), RMQ_OK);
}

}  // namespace
}  // namespace rmq::test
