// Where a group begins that has no offset yet, and which messages of a queue it is given.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class StartOffsetTest : public GroupWorld {
 protected:
  static constexpr std::int64_t kBeginMs = 1'600'000'000'000;  // when the first message is stored

  // A broker whose queue is not young: no message of its first ones is in memory.
  void SetUp() override {
    testbroker::ServerOptions server_options = make_server_options();
    server_options.first_messages_in_memory = false;
    broker = std::make_unique<test::MemoryServer>(network, kBroker, server_options);
  }
  static testbroker::ServerOptions make_server_options() {
    testbroker::ServerOptions server_options;
    server_options.topics = {{.name = kTopic, .read_queues = 1, .write_queues = 1}};
    return server_options;
  }
  // A message with the body "<number>", stored `number` seconds after the begin.
  void store_at_its_time(const std::string& topic, int number) {
    testbroker::Message message;
    message.topic = topic;
    message.body = std::to_string(number);
    message.store_ms = kBeginMs + number * 1000;
    (*broker)->store().append(std::move(message));
  }
  ConsumerOptions make_timestamp_options(int number) const {
    ConsumerOptions options = make_options();
    options.consume_from_where = protocol::ConsumeFromWhere::timestamp;
    options.consume_timestamp_ms = kBeginMs + number * 1000;
    return options;
  }
  void TearDown() override { end(member); }
  std::vector<std::string> consume() {
    std::vector<std::string> bodies;
    for (int i = 0; i < 100; ++i) {
      network.advance(50ms);
      for (std::string& body : member->consume()) bodies.push_back(std::move(body));
    }
    return bodies;
  }
  static std::vector<std::string> numbers(int begin, int end) {
    std::vector<std::string> bodies;
    for (int i = begin; i < end; ++i) bodies.push_back(std::to_string(i));
    return bodies;
  }

  std::unique_ptr<SimulatedMember> member;
};

TEST_F(StartOffsetTest, is_the_end_for_a_new_group) {
  store(10);
  member = start_member("10.0.0.2", make_options());
  EXPECT_TRUE(consume().empty());
  store(5, 10);
  EXPECT_EQ(consume(), numbers(10, 15));
}

TEST_F(StartOffsetTest, is_kept_for_a_group_that_was_given_nothing) {
  store(10);
  member = start_member("10.0.0.2", make_options());
  EXPECT_TRUE(consume().empty());
  end(member);
  store(5, 10);
  member = start_member("10.0.0.2", make_options());
  EXPECT_EQ(consume(), numbers(10, 15));
}

TEST_F(StartOffsetTest, is_the_first_message_when_the_options_say_so) {
  store(10);
  ConsumerOptions options = make_options();
  options.consume_from_where = protocol::ConsumeFromWhere::first_offset;
  member = start_member("10.0.0.2", options);
  EXPECT_EQ(consume(), numbers(0, 10));
}

TEST_F(StartOffsetTest, is_the_first_message_stored_at_a_time) {
  for (int i = 0; i < 10; ++i) store_at_its_time(kTopic, i);
  member = start_member("10.0.0.2", make_timestamp_options(7));
  EXPECT_EQ(consume(), numbers(7, 10));
}

TEST_F(StartOffsetTest, is_what_the_group_has_stored) {
  store(10);
  (*broker)->offsets().commit(kGroup, kTopic, 0, 4);
  member = start_member("10.0.0.2", make_options());
  EXPECT_EQ(consume(), numbers(4, 10));
}

TEST_F(StartOffsetTest, is_asked_for_again_when_the_broker_does_not_say) {
  store(10);
  (*broker)->offsets().commit(kGroup, kTopic, 0, 4);
  (*broker)->script().on(RequestCode::QUERY_CONSUMER_OFFSET).first(2).then(fault::error(1, "no"));
  member = start_member("10.0.0.2", make_options());
  network.advance(10s);
  EXPECT_EQ(consume(), numbers(4, 10));
}

TEST_F(StartOffsetTest, passes_by_messages_of_other_tags_whose_hash_is_the_same) {
  (*broker)->offsets().commit(kGroup, kTopic, 0, 0);
  // "Aa" and "BB" have the same hash in Java: the broker lets both through.
  store(3, 0, "Aa");
  store(3, 3, "BB");
  store(3, 6, "Aa");
  member =
      std::make_unique<SimulatedMember>(network, "10.0.0.2", std::string(kBroker), make_options());
  ASSERT_TRUE(member->consumer->subscribe(kTopic, FilterType::tag, "BB").ok());
  ASSERT_TRUE(member->consumer->start().ok());
  EXPECT_EQ(consume(), numbers(3, 6));
  network.advance(6s);
  EXPECT_EQ(committed(0), 9);
}

// A broker of that version, where the first messages of each queue are still in memory.
class YoungQueueTest : public StartOffsetTest, public ::testing::WithParamInterface<std::int32_t> {
 protected:
  void SetUp() override { make_young_broker({}); }
  void make_young_broker(const std::vector<testbroker::TopicConfig>& more_topics) {
    testbroker::ServerOptions server_options = make_server_options();
    server_options.version = GetParam();
    for (const auto& topic : more_topics) server_options.topics.push_back(topic);
    broker.reset();
    broker = std::make_unique<test::MemoryServer>(network, kBroker, server_options);
  }
  bool is_5x() const { return GetParam() >= testbroker::kVersion500; }
};

INSTANTIATE_TEST_SUITE_P(Versions, YoungQueueTest,
                         ::testing::Values(testbroker::kVersion497,
                                           testbroker::ServerOptions().version));

// A 4.9 broker says that the offset of a new group is 0 and gives no means to tell.
TEST_P(YoungQueueTest, starts_at_a_time_where_the_broker_can_say_that_the_group_is_new) {
  for (int i = 0; i < 8; ++i) store_at_its_time(kTopic, i);
  member = start_member("10.0.0.2", make_timestamp_options(5));
  EXPECT_EQ(consume(), numbers(is_5x() ? 5 : 0, 8));
  network.advance(6s);
  EXPECT_EQ(committed(0), 8);
}

TEST_P(YoungQueueTest, gives_every_message_stored_since_the_time_when_it_is_made_later) {
  member = start_member("10.0.0.2", make_timestamp_options(0));
  EXPECT_TRUE(consume().empty());
  for (int i = 0; i < 4; ++i) store_at_its_time(kTopic, i);
  EXPECT_EQ(consume(), numbers(0, 4));
}

TEST_P(YoungQueueTest, gives_what_the_group_gave_back_whatever_the_time) {
  const std::string retry_topic = "%RETRY%" + std::string(kGroup);
  make_young_broker({{.name = retry_topic, .read_queues = 1, .write_queues = 1}});
  store_at_its_time(retry_topic, 1);
  member = start_member("10.0.0.2", make_timestamp_options(5));
  EXPECT_EQ(consume(), numbers(1, 2));
}

// With the default, `last`: queues that are made while a group runs lose none of their messages.
TEST_P(YoungQueueTest, is_read_from_its_first_message_with_last) {
  for (int i = 0; i < 8; ++i) store_at_its_time(kTopic, i);
  member = start_member("10.0.0.2", make_options());
  EXPECT_EQ(consume(), numbers(0, 8));
}

}  // namespace
}  // namespace rmq::consumer
