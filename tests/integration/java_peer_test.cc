// The Java peer does what its README says: the tests that judge us by it stand on this.
#include "tests/integration/java_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <set>

namespace rmq::test {
namespace {

constexpr std::size_t kQueuesPerBroker = 2;
constexpr std::size_t kMessages = 6;  // bodies of each kind, twice

class JavaPeerTest : public testing::Test {
 protected:
  JavaPeerTest() {
    first.run("topic " + topic + " " + std::to_string(kQueuesPerBroker));
    queue_count = kQueuesPerBroker * servers.brokers().size();
  }

  Servers servers = Servers::of_the_fixture();
  JavaPeer first{servers};
  std::string topic = "peer_" + std::to_string(::getpid());
  std::string group = "group_of_" + topic;
  std::size_t queue_count = 0;
};

TEST_F(JavaPeerTest, receives_what_it_sent_and_commits_it) {
  for (const char* compression : {"none", "zlib", "lz4", "zstd"}) {
    std::map<std::string, PeerLine> sent;
    for (const PeerLine& line :
         first.run("send " + topic + " " + std::to_string(kMessages) + " " + compression + " 11")) {
      ASSERT_EQ(line.size(), 7U);
      sent[line[1]] = line;
    }
    ASSERT_EQ(sent.size(), kMessages);
    if (std::string(compression) == "none") first.run("consume " + topic + " " + group);
    while (!sent.empty()) {
      const std::optional<PeerMessage> message = first.next_message();
      ASSERT_TRUE(message) << sent.size() << " messages did not come, compression " << compression;
      const PeerLine line = sent[message->message_id];
      ASSERT_FALSE(line.empty()) << "not sent, or came twice: " << message->message_id;
      EXPECT_EQ(message->sha256, line[2]);
      EXPECT_EQ(message->keys, line[3]);
      EXPECT_EQ(message->tags, line[4]);
      EXPECT_EQ(std::to_string(message->body_bytes), line[5]);
      EXPECT_EQ(message->properties, line[6]);
      EXPECT_TRUE(message->consumed);
      sent.erase(message->message_id);
    }
  }

  EXPECT_EQ(first.wait_until_committed(group, topic), 4 * kMessages);
  EXPECT_EQ(first.run("offset " + group + " " + topic).size(), queue_count);
}

TEST_F(JavaPeerTest, shares_the_queues_of_a_group_with_another_peer) {
  JavaPeer second(servers);
  first.run("consume " + topic + " " + group);
  EXPECT_EQ(first.wait_for_queues(group, queue_count).size(), queue_count);
  second.run("consume " + topic + " " + group);

  const std::vector<std::string> firsts = first.wait_for_queues(group, queue_count / 2);
  const std::vector<std::string> seconds = second.wait_for_queues(group, queue_count / 2);
  std::set<std::string> all(firsts.begin(), firsts.end());
  all.insert(seconds.begin(), seconds.end());
  EXPECT_EQ(firsts.size() + seconds.size(), queue_count);
  EXPECT_EQ(all.size(), queue_count);

  std::map<std::string, std::size_t> members;  // by client id: on how many brokers
  for (const PeerLine& line : first.run("connection " + group)) ++members[line.at(2)];
  EXPECT_EQ(members.size(), 2U);
  EXPECT_THAT(members,
              testing::Each(testing::Pair(testing::_, testing::Eq(servers.brokers().size()))));

  second.run("leave " + group);
  EXPECT_EQ(first.wait_for_queues(group, queue_count).size(), queue_count);
}

TEST_F(JavaPeerTest, gets_a_message_again_that_it_was_told_to_fail) {
  first.run("fail-next 1");
  first.run("consume " + topic + " " + group);
  first.run("send " + topic + " 1");
  const std::optional<PeerMessage> message = first.next_message();
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->consumed);
  EXPECT_EQ(message->reconsume_times, 0);

  const std::optional<PeerMessage> again = first.next_message(std::chrono::seconds(60));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->consumed);
  EXPECT_EQ(again->reconsume_times, 1);
  EXPECT_EQ(again->sha256, message->sha256);
}

}  // namespace
}  // namespace rmq::test
