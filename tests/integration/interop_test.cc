// What the official Java client sends, our push consumer consumes, and what we send by route, the
// Java consumer consumes: byte by byte. And what a consumer gives back comes again, to either.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

constexpr std::size_t kQueuesPerBroker = 2;
constexpr std::size_t kMessages =
    6;  // of the Java client, per compression; its bodies of each kind, twice
constexpr std::uint32_t kBodySeed = 23;  // of our binary bodies
constexpr int kOneSecondLevel = 1;       // of the brokers' delay levels
constexpr const char* kCompressions[] = {"zlib", "lz4", "zstd"};

struct Outgoing {
  std::string body;
  std::string keys;
  std::string tags;
};

// A byte, every byte, and texts that compress.
std::vector<Outgoing> outgoing_messages() {
  std::mt19937 random(kBodySeed);
  std::string binary;
  while (binary.size() < 9000) binary += static_cast<char>(random());
  std::string line = "a line of a text that compresses, größer als nötig, 压缩\n";
  std::string text;
  while (text.size() < 60'000) text += line;
  return {{"x", "k1", "one"},
          {std::string(1, '\0'), "null 键", "one"},
          {binary, "schlüssel 键", "binär"},
          {text, "ключ второй", "标签"},
          {std::string(4 * 1024 * 1024, 'y'), "largest", "one"}};
}

class Interop : public testing::Test {
 protected:
  // A topic of this case and process alone: the servers outlive it.
  void make_topic(const std::string& name, std::size_t queues = kQueuesPerBroker) {
    topic = "interop_" + name + "_" + std::to_string(::getpid());
    group = "group_of_" + topic;
    peer.run("topic " + topic + " " + std::to_string(queues));
  }

  // Sends one message, has `member` take it, and gives its delivery.
  abi::Event deliver_one(GroupMember& member) {
    RoutedProducer sender(servers);
    sender.send(topic, "comes again");
    abi::Event delivery = member.next();
    EXPECT_EQ(view_of(delivery).event_type, RMQ_EVENT_DELIVERY);
    return delivery;
  }

  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
  std::string topic;
  std::string group;
};

TEST_F(Interop, consumes_byte_by_byte_what_the_java_client_sends) {
  make_topic("from_java");
  std::map<std::string, PeerLine> sent;
  for (const char* compression : {"none", "zlib", "lz4", "zstd"}) {
    for (const PeerLine& line :
         peer.run("send " + topic + " " + std::to_string(kMessages) + " " + compression + " 29")) {
      ASSERT_EQ(line.size(), 7U);
      sent[line[1]] = line;
    }
  }
  const std::size_t count = sent.size();
  ASSERT_EQ(count, 4 * kMessages);

  GroupMember member(servers, topic, group, {{"consume_message_batch_max_size", "4"}});
  std::set<std::string> queues;
  while (!sent.empty()) {
    const abi::Event delivery = member.next();
    ASSERT_TRUE(delivery) << sent.size() << " messages did not come";
    queues.insert(origin_of(delivery).queue);
    for (const Received& message : messages_of(delivery)) {
      const PeerLine line = sent[message.message_id];
      ASSERT_FALSE(line.empty()) << "not sent, or came twice: " << message.message_id;
      EXPECT_EQ(message.error_code, RMQ_OK);
      EXPECT_EQ(message.topic, topic);
      EXPECT_EQ(sha256_of(message.body), line[2]);
      EXPECT_EQ(message.keys, line[3]);
      EXPECT_EQ(message.tags, line[4]);
      EXPECT_EQ(std::to_string(message.body.size()), line[5]);
      EXPECT_EQ(
          "farbe=" + message.properties.at("farbe") + "\x01颜色=" + message.properties.at("颜色"),
          line[6]);
      EXPECT_EQ(message.reconsume_times, 0);
      sent.erase(message.message_id);
    }
    EXPECT_EQ(answer(delivery), RMQ_OK);
  }
  EXPECT_EQ(queues.size(), kQueuesPerBroker * servers.brokers().size());
  EXPECT_EQ(member.close(), RMQ_OK);
  EXPECT_EQ(peer.wait_until_committed(group, topic), count);
}

TEST_F(Interop, comes_out_of_the_java_consumer_byte_by_byte_when_sent_by_route) {
  make_topic("to_java");
  peer.run("consume " + topic + " " + group);
  std::map<std::string, Outgoing> sent;
  for (const char* compression : kCompressions) {
    RoutedProducer sender(servers, {{"compress_type", compression}});
    for (const Outgoing& outgoing : outgoing_messages()) {
      const abi::Message message = make_message(topic, outgoing.body);
      ASSERT_EQ(rmq_message_set_text(message.get(), RMQ_FIELD_KEYS, outgoing.keys.c_str(), SIZE_MAX,
                                     nullptr),
                RMQ_OK);
      ASSERT_EQ(rmq_message_set_text(message.get(), RMQ_FIELD_TAGS, outgoing.tags.c_str(), SIZE_MAX,
                                     nullptr),
                RMQ_OK);
      ASSERT_EQ(
          rmq_message_set_property(message.get(), "颜色", SIZE_MAX, "绿=色", SIZE_MAX, nullptr),
          RMQ_OK);
      const abi::Event event = sender.send(message.get());
      rmq_event_view_t view{};
      ASSERT_EQ(rmq_event_view(event.get(), &view, sizeof view), RMQ_OK);
      sent[std::string(view.message_id, view.message_id_bytes)] = outgoing;
    }
  }
  ASSERT_EQ(sent.size(), std::size(kCompressions) * outgoing_messages().size());

  std::set<std::string> queues;
  while (!sent.empty()) {
    const PeerMessage message = peer.next_message();
    const auto found = sent.find(message.message_id);
    ASSERT_NE(found, sent.end()) << "not sent, or came twice: " << message.message_id;
    EXPECT_EQ(message.sha256, sha256_of(found->second.body)) << found->second.keys;
    EXPECT_EQ(message.keys, found->second.keys);
    EXPECT_EQ(message.tags, found->second.tags);
    EXPECT_EQ(message.properties, "颜色=绿=色");
    queues.insert(message.queue);
    sent.erase(found);
  }
  EXPECT_EQ(queues.size(), kQueuesPerBroker * servers.brokers().size());
}

TEST_F(Interop, gets_a_message_again_with_its_own_topic_when_it_asked_for_that) {
  make_topic("again", 1);
  GroupMember member(servers, topic, group);
  const abi::Event first = deliver_one(member);
  const Received original = messages_of(first).at(0);
  EXPECT_EQ(original.reconsume_times, 0);
  ASSERT_EQ(answer(first, RMQ_ANSWER_RECONSUME_LATER, kOneSecondLevel), RMQ_OK);
  const auto start = std::chrono::steady_clock::now();

  const abi::Event second = member.next(60'000);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(second) << "it did not come again";
  std::printf("came again after %.1f s at delay level 1\n", took.count());
  EXPECT_EQ(origin_of(second).topic, "%RETRY%" + group);
  const std::vector<Received> messages = messages_of(second);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].topic, topic);
  EXPECT_EQ(messages[0].reconsume_times, 1);
  EXPECT_EQ(messages[0].message_id, original.message_id);
  EXPECT_EQ(messages[0].body, original.body);
  EXPECT_EQ(answer(second), RMQ_OK);
  EXPECT_EQ(member.close(), RMQ_OK);
}

TEST_F(Interop, gets_what_the_java_consumer_gave_back) {
  make_topic("from_java_again", 1);
  peer.run("fail-next 1");
  peer.run("consume " + topic + " " + group);
  RoutedProducer sender(servers);
  sender.send(topic, "not this time");
  const PeerMessage failed = peer.next_message();
  EXPECT_FALSE(failed.consumed);
  // Committed is what was given back; a Java client that left before would have it delivered anew.
  ASSERT_EQ(peer.wait_until_committed(group, topic), 1U);
  peer.run("leave " + group);

  GroupMember member(servers, topic, group);
  const abi::Event delivery = member.next(60'000);
  ASSERT_TRUE(delivery) << "it did not come again";
  const Received message = messages_of(delivery).at(0);
  EXPECT_EQ(message.message_id, failed.message_id);
  EXPECT_EQ(message.topic, topic);
  EXPECT_EQ(message.body, "not this time");
  EXPECT_EQ(message.reconsume_times, 1);
  EXPECT_EQ(answer(delivery), RMQ_OK);
  EXPECT_EQ(member.close(), RMQ_OK);
}

TEST_F(Interop, gives_back_what_the_java_consumer_gets) {
  make_topic("to_java_again", 1);
  std::string message_id;
  {
    GroupMember member(servers, topic, group);
    const abi::Event delivery = deliver_one(member);
    message_id = messages_of(delivery).at(0).message_id;
    ASSERT_EQ(answer(delivery, RMQ_ANSWER_RECONSUME_LATER, kOneSecondLevel), RMQ_OK);
    EXPECT_EQ(member.close(), RMQ_OK);
  }
  peer.run("consume " + topic + " " + group);
  const PeerMessage message = peer.next_message(std::chrono::seconds(60));
  EXPECT_EQ(message.message_id, message_id);
  EXPECT_EQ(message.sha256, sha256_of("comes again"));
  EXPECT_EQ(message.reconsume_times, 1);
}

TEST_F(Interop, finds_in_the_dead_letter_topic_what_was_sent_there) {
  make_topic("dead", 1);
  GroupMember member(servers, topic, group);
  const abi::Event delivery = deliver_one(member);
  const Received original = messages_of(delivery).at(0);
  ASSERT_EQ(answer(delivery, RMQ_ANSWER_RECONSUME_LATER, RMQ_DELAY_DEAD_LETTER), RMQ_OK);
  EXPECT_EQ(member.close(), RMQ_OK);

  peer.run("consume %DLQ%" + group + " reader_of_" + group);
  const PeerMessage dead = peer.next_message(std::chrono::seconds(60));
  EXPECT_EQ(dead.message_id, original.message_id);
  EXPECT_EQ(dead.sha256, sha256_of(original.body));
  EXPECT_EQ(peer.wait_until_committed(group, topic), 1U);
}

}  // namespace
}  // namespace rmq::test
