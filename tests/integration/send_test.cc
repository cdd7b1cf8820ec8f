// What we send to real brokers, as the broker answers it and the official client reads it.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/abi/support.h"
#include "tests/integration/java_peer.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

constexpr std::uint32_t kBinarySeed = 17;  // of the bodies with every byte in them

struct Outgoing {
  std::string body;
  std::string keys;
  std::string tags;
  bool compresses = false;
};

std::string random_bytes(std::size_t count) {
  std::mt19937 random(kBinarySeed);
  std::string bytes;
  while (bytes.size() < count) bytes += static_cast<char>(random());
  return bytes;
}

std::string long_text() {
  std::string text;
  for (int line = 0; text.size() < 40'000; ++line) {
    text += "Zeile " + std::to_string(line) + ": größer als nötig, 压缩\n";
  }
  return text;
}

// Every kind of body and key that must come through as it went in.
std::vector<Outgoing> outgoing_messages() {
  return {
      {"x", "k1", "one"},
      {std::string(1, '\0'), "zero", "one"},
      {random_bytes(3000), "schlüssel 键", "binär"},
      {random_bytes(20'000), "random", "binär"},
      {long_text(), "ключ второй", "标签", true},
  };
}

abi::Message message_of(const std::string& topic, const Outgoing& outgoing) {
  rmq_message_t* message = nullptr;
  EXPECT_EQ(rmq_message_new(topic.c_str(), SIZE_MAX, nullptr, 0, nullptr, 0, nullptr, 0, &message,
                            nullptr),
            RMQ_OK);
  const std::string& body = outgoing.body;
  EXPECT_EQ(rmq_message_set_body(message, body.data(), body.size(), nullptr), RMQ_OK);
  EXPECT_EQ(rmq_message_set_text(message, RMQ_FIELD_KEYS, outgoing.keys.c_str(), SIZE_MAX, nullptr),
            RMQ_OK);
  EXPECT_EQ(rmq_message_set_text(message, RMQ_FIELD_TAGS, outgoing.tags.c_str(), SIZE_MAX, nullptr),
            RMQ_OK);
  EXPECT_EQ(rmq_message_set_property(message, "farbe", SIZE_MAX, "grün", SIZE_MAX, nullptr),
            RMQ_OK);
  EXPECT_EQ(rmq_message_set_property(message, "颜色", SIZE_MAX, "绿=色", SIZE_MAX, nullptr),
            RMQ_OK);
  return abi::Message(message);
}

class Send : public testing::Test {
 protected:
  // A topic of this case and process alone: the servers outlive it.
  std::string make_topic(const std::string& name, int queues) {
    std::string topic = "send_" + name + "_" + std::to_string(::getpid());
    peer.run("topic " + topic + " " + std::to_string(queues));
    return topic;
  }

  // Sends and waits; null and a failure of the test when the broker did not store it.
  abi::Event send(rmq_producer_t* producer, const rmq_message_t* message,
                  const rmq_destination_t* destination) {
    rmq_event_t* event = nullptr;
    std::string text;
    const std::int32_t code = abi::code_of(
        [&](rmq_error_t** error) {
          return rmq_producer_send(producer, message, destination, 0, abi::kLongMs, &event, error);
        },
        &text);
    EXPECT_EQ(code, RMQ_OK) << text;
    return abi::Event(event);
  }

  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
};

TEST_F(Send, stores_on_the_queue_of_the_broker_at_an_address) {
  const std::string topic = make_topic("stores", 2);
  for (const RealBroker& broker : servers.brokers()) {
    abi::Client client(broker.address);
    rmq_destination_t* destination = nullptr;
    ASSERT_EQ(rmq_destination_new(broker.address.c_str(), SIZE_MAX, broker.name.c_str(), SIZE_MAX,
                                  1, &destination, nullptr),
              RMQ_OK);
    const abi::Destination queue(destination);
    const abi::Message message = message_of(topic, {"hello", "k", "t"});
    for (std::int64_t offset = 0; offset < 3; ++offset) {
      const abi::Event event = send(client.producer.get(), message.get(), queue.get());
      rmq_send_result_view_t result{};
      ASSERT_EQ(rmq_event_send_result(event.get(), &result, sizeof result), RMQ_OK);
      EXPECT_EQ(result.status, RMQ_SEND_OK);
      EXPECT_EQ(result.queue_id, 1);
      EXPECT_EQ(result.queue_offset, offset);
      EXPECT_EQ(std::string(result.broker_name), broker.name);
    }
    EXPECT_EQ(client.close(), RMQ_OK);
  }
}

TEST_F(Send, comes_out_of_the_java_consumer_as_it_went_in) {
  const std::string topic = make_topic("bodies", 1);
  std::map<std::string, Outgoing> sent;
  const std::vector<RealBroker> brokers = servers.brokers();
  std::size_t turn = 0;
  for (const char* compression : {"zlib", "lz4", "zstd"}) {
    const RealBroker& broker = brokers[turn++ % brokers.size()];
    abi::Client client(broker.address, {{"compress_type", compression}});
    for (const Outgoing& outgoing : outgoing_messages()) {
      const abi::Message message = message_of(topic, outgoing);
      const abi::Event event = send(client.producer.get(), message.get(), client.destination.get());
      rmq_event_view_t view{};
      ASSERT_EQ(rmq_event_view(event.get(), &view, sizeof view), RMQ_OK);
      sent[std::string(view.message_id, view.message_id_bytes)] = outgoing;
    }
    EXPECT_EQ(client.close(), RMQ_OK);
  }
  ASSERT_EQ(sent.size(), 15U);

  peer.run("consume " + topic + " group_of_" + topic);
  while (!sent.empty()) {
    const PeerMessage message = peer.next_message();
    const auto found = sent.find(message.message_id);
    ASSERT_NE(found, sent.end()) << "not sent, or came twice: " << message.message_id;
    const Outgoing& outgoing = found->second;
    EXPECT_EQ(message.body_bytes, outgoing.body.size());
    EXPECT_EQ(message.sha256, sha256_of(outgoing.body)) << outgoing.keys;
    EXPECT_EQ(message.keys, outgoing.keys);
    EXPECT_EQ(message.tags, outgoing.tags);
    EXPECT_EQ(message.properties, "farbe=grün\x01颜色=绿=色");
    EXPECT_EQ(message.stored_bytes < outgoing.body.size() / 2, outgoing.compresses)
        << outgoing.keys << ": " << message.stored_bytes << " bytes stored";
    sent.erase(found);
  }
}

}  // namespace
}  // namespace rmq::test
