// Timer messages and their recall, the queues of a topic, and priorities, beside the official
// client. The servers of the fixture allow recalls. 4.9 takes no notice of timers and knows no
// recall.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

using std::chrono::seconds;

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class TimerTest : public testing::Test {
 protected:
  std::string make_topic(const std::string& name, int queues = 1) {
    std::string topic = "timer_" + name + "_" + std::to_string(::getpid());
    peer.run("topic " + topic + " " + std::to_string(queues));
    return topic;
  }
  bool has_timers() const { return servers.version() != "4.9.7"; }
  abi::Message make_timed(const std::string& topic, std::int32_t field, std::int64_t number,
                          const char* keys) {
    abi::Message message = make_message(topic, std::string("timed ") + keys);
    EXPECT_EQ(rmq_message_set_text(message.get(), RMQ_FIELD_KEYS, keys, SIZE_MAX, nullptr), RMQ_OK);
    EXPECT_EQ(rmq_message_set_number(message.get(), field, number, nullptr), RMQ_OK);
    return message;
  }
  static rmq_send_result_view_t result_of(const abi::Event& sent) {
    rmq_send_result_view_t result{};
    EXPECT_EQ(rmq_event_send_result(sent.get(), &result, sizeof result), RMQ_OK);
    return result;
  }
  std::int32_t recall(RoutedProducer& producer, const std::string& topic, const std::string& handle,
                      std::string* text) {
    rmq_event_t* ended = nullptr;
    std::string message;
    const std::int32_t code = abi::code_of(
        [&](rmq_error_t** error) {
          return rmq_producer_recall(producer.producer.get(), topic.c_str(), SIZE_MAX,
                                     handle.c_str(), SIZE_MAX, abi::kLongMs, 0, nullptr, &ended,
                                     error);
        },
        &message);
    const abi::Event event(ended);
    *text = event ? rmq_event_text(event.get(), nullptr) : message;
    return code;
  }

  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
};

TEST_F(TimerTest, messages_of_every_kind_come_to_a_java_consumer_not_before_their_time) {
  const std::string topic = make_topic("kinds");
  RoutedProducer producer(servers);
  peer.run("consume " + topic + " group_of_" + topic);
  const std::int64_t began = wall_ms();
  struct Kind {
    std::int32_t field;
    std::int64_t number;
    const char* keys;
    std::int64_t due_ms;
  };
  const Kind kinds[] = {{RMQ_FIELD_DELAY_MS, 3000, "seconds", began + 3000},
                        {RMQ_FIELD_DELAY_MS, 4200, "milliseconds", began + 4200},
                        {RMQ_FIELD_DELIVER_AT_MS, began + 5100, "time", began + 5100},
                        {RMQ_FIELD_DELAY_LEVEL, 2, "level", began + 5000}};
  for (const Kind& kind : kinds) {
    const abi::Message message = make_timed(topic, kind.field, kind.number, kind.keys);
    const abi::Event sent = producer.send(message.get());
    ASSERT_TRUE(sent);
    const bool has_handle = result_of(sent).recall_handle != nullptr;
    EXPECT_EQ(has_handle, has_timers() && kind.field != RMQ_FIELD_DELAY_LEVEL) << kind.keys;
  }
  for (std::size_t count = 0; count < std::size(kinds); ++count) {
    const PeerMessage message = peer.next_message();
    const std::int64_t now = wall_ms();
    for (const Kind& kind : kinds) {
      if (message.keys != kind.keys) continue;
      const bool waits = has_timers() || kind.field == RMQ_FIELD_DELAY_LEVEL;
      // A level is counted by the broker in steps of its own.
      const std::int64_t slack = kind.field == RMQ_FIELD_DELAY_LEVEL ? 1000 : 0;
      if (waits) {
        EXPECT_GE(now, kind.due_ms - slack) << kind.keys;
      } else {
        EXPECT_LT(now, kind.due_ms) << kind.keys << ": 4.9 takes no notice of timers";
      }
      std::printf("%s came %lld ms after its time\n", kind.keys,
                  static_cast<long long>(now - kind.due_ms));
    }
  }
}

TEST_F(TimerTest, message_that_is_recalled_never_comes) {
  const std::string topic = make_topic("recall");
  RoutedProducer producer(servers);
  const abi::Event kept = producer.send(make_timed(topic, RMQ_FIELD_DELAY_MS, 5000, "kept").get());
  const abi::Event gone = producer.send(make_timed(topic, RMQ_FIELD_DELAY_MS, 5000, "gone").get());
  std::string text;
  if (!has_timers()) {
    // v1 <topic> broker-a <time> <id>, which no broker 4.9 gives.
    EXPECT_EQ(recall(producer, "orders", "djEgb3JkZXJzIGJyb2tlci1hIDE3OTUyNDk4NTcwMDEgSUQ3", &text),
              RMQ_ERROR_NO_ROUTE);
    return;
  }
  const rmq_send_result_view_t result = result_of(gone);
  ASSERT_EQ(recall(producer, topic, result.recall_handle, &text), RMQ_OK) << text;
  EXPECT_EQ(text, std::string(result.message_id));
  peer.run("consume " + topic + " group_of_" + topic);
  EXPECT_EQ(peer.next_message().keys, "kept");
  EXPECT_FALSE(peer.poll_message(seconds(3)));
  EXPECT_EQ(recall(producer, topic, result.recall_handle, &text), RMQ_ERROR_BROKER) << text;
  EXPECT_NE(text.find("604"), std::string::npos) << text;
}

TEST_F(TimerTest, message_of_either_client_is_recalled_by_the_other) {
  const std::string topic = make_topic("either");
  RoutedProducer producer(servers);
  const std::vector<PeerLine> lines = peer.run("send-timed " + topic + " 4000 of_java");
  ASSERT_EQ(lines.size(), 1u);
  const abi::Event ours = producer.send(make_timed(topic, RMQ_FIELD_DELAY_MS, 4000, "ours").get());
  if (!has_timers()) {
    EXPECT_EQ(lines[0][2], "-");
    return;
  }
  std::string text;
  ASSERT_EQ(recall(producer, topic, lines[0][2], &text), RMQ_OK) << text;
  EXPECT_EQ(text, lines[0][1]);
  const rmq_send_result_view_t result = result_of(ours);
  EXPECT_EQ(peer.run("recall " + topic + " " + result.recall_handle)[0][1],
            std::string(result.message_id));
  const abi::Event last = producer.send(make_timed(topic, RMQ_FIELD_DELAY_MS, 6000, "last").get());
  peer.run("consume " + topic + " group_of_" + topic);
  EXPECT_EQ(peer.next_message().keys, "last");
}

TEST_F(TimerTest, farther_than_the_broker_takes_is_refused_in_its_words) {
  const std::string topic = make_topic("far");
  RoutedProducer producer(servers);
  const abi::Message message = make_timed(topic, RMQ_FIELD_DELAY_MS, 4LL * 24 * 3600 * 1000, "far");
  std::string text;
  const std::int32_t code = abi::code_of(
      [&](rmq_error_t** error) {
        return rmq_producer_send(producer.producer.get(), message.get(), nullptr, 0, abi::kLongMs,
                                 nullptr, error);
      },
      &text);
  EXPECT_EQ(code, has_timers() ? RMQ_ERROR_BROKER_MESSAGE_ILLEGAL : RMQ_OK) << text;
  std::printf("%s\n", text.c_str());
}

TEST_F(TimerTest, queues_of_a_topic_are_those_of_all_brokers) {
  const std::string topic = make_topic("queues", 3);
  RoutedProducer producer(servers);
  rmq_event_t* ended = nullptr;
  ASSERT_EQ(rmq_producer_queues(producer.producer.get(), topic.c_str(), SIZE_MAX, abi::kLongMs, 0,
                                nullptr, &ended, nullptr),
            RMQ_OK);
  const abi::Event event(ended);
  std::vector<rmq_queue_view_t> queues(100);
  queues.resize(
      rmq_event_queues(event.get(), 0, queues.data(), sizeof(rmq_queue_view_t), queues.size()));
  EXPECT_EQ(queues.size(), 3 * servers.brokers().size());
  EXPECT_EQ(static_cast<std::size_t>(abi::view_of(event).count), queues.size());
  EXPECT_EQ(std::string(queues[0].broker_name), "broker-a");
  EXPECT_EQ(rmq_producer_queues(producer.producer.get(), "timer_no_such_topic", SIZE_MAX,
                                abi::kLongMs, 0, nullptr, &ended, nullptr),
            RMQ_ERROR_NO_ROUTE);
}

TEST_F(TimerTest, priority_is_the_queue_on_newer_brokers_and_nothing_on_older_ones) {
  const std::string topic = make_topic("priority", 4);
  RoutedProducer producer(servers);
  for (const std::int64_t priority : {0, 2, 99}) {
    const abi::Event sent =
        producer.send(make_timed(topic, RMQ_FIELD_PRIORITY, priority, "p").get());
    if (!has_timers()) continue;
    EXPECT_EQ(result_of(sent).queue_id, std::min<std::int64_t>(priority, 3));
  }
}

}  // namespace
}  // namespace rmq::test
