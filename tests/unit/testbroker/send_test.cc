#include "testbroker_fixture.h"

namespace rmq::testbroker {
namespace {

TEST(Send, is_stored_and_answered_as_5_4_does) {
  World world;
  const auto answer = world.ask(world.connect(), make_send(9, "hello", "orders", 2));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(test::find_field(answer, "msgId"), "0A00000100002A9F0000000000000000");
  EXPECT_EQ(test::find_field(answer, "queueId"), "2");
  EXPECT_EQ(test::find_field(answer, "queueOffset"), "0");
  EXPECT_EQ(test::find_field(answer, "transactionId"), "ID7");
  EXPECT_EQ(test::find_field(answer, "MSG_REGION"), "DefaultRegion");
  EXPECT_EQ(test::find_field(answer, "TRACE_ON"), "true");

  const auto messages = (*world.server)->store().messages("orders");
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].body, "hello");
  EXPECT_EQ(messages[0].queue_id, 2);
  EXPECT_EQ(messages[0].flag, 7);
  EXPECT_EQ(messages[0].born_ms, 1700000000000);
  EXPECT_EQ(messages[0].property("UNIQ_KEY"), "ID7");
  EXPECT_EQ(messages[0].property("CLUSTER"), "DefaultCluster");
  EXPECT_EQ(messages[0].property("TRACE_ON"), "true");
  EXPECT_EQ(messages[0].property("KEY"), "");
}

TEST(Send, of_4_9_has_no_transaction_id_and_adds_the_cluster_only) {
  World world(version497());
  const auto answer = world.ask(world.connect(), make_send(9, "hello"));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(test::find_field(answer, "transactionId"), "");
  EXPECT_EQ((*world.server)->store().messages("orders")[0].properties,
            "UNIQ_KEY\x01"
            "ID7\x02"
            "CLUSTER\x01"
            "DefaultCluster");
}

TEST(Send, counts_the_offsets_of_each_queue_and_the_commit_log_of_all) {
  World world;
  auto& client = world.connect();
  EXPECT_EQ(test::find_field(world.ask(client, make_send(1, "a")), "queueOffset"), "0");
  EXPECT_EQ(test::find_field(world.ask(client, make_send(2, "b", "orders", 1)), "queueOffset"),
            "0");
  const auto third = world.ask(client, make_send(3, "c"));
  EXPECT_EQ(test::find_field(third, "queueOffset"), "1");
  EXPECT_NE(test::find_field(third, "msgId"), "0A00000100002A9F0000000000000000");
}

TEST(Send, with_the_long_names_of_code_10_is_understood) {
  World world;
  const auto answer = world.ask(world.connect(), make_request(RequestCode::SEND_MESSAGE, 1,
                                                              {{"producerGroup", "g"},
                                                               {"topic", "orders"},
                                                               {"defaultTopic", "TBW102"},
                                                               {"defaultTopicQueueNums", "4"},
                                                               {"queueId", "3"},
                                                               {"sysFlag", "0"},
                                                               {"bornTimestamp", "5"},
                                                               {"flag", "77"},
                                                               {"properties", ""}},
                                                              "x"));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ((*world.server)->store().messages("orders", 3).at(0).flag, 77);
}

TEST(Send, without_a_field_that_must_be_there_is_a_system_error) {
  World world;
  auto request = make_send(1, "x");
  request.fields.erase(request.fields.begin() + 4);
  const auto answer = world.ask(world.connect(), request);
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.remark.value_or(""), testing::HasSubstr("e"));
  EXPECT_EQ((*world.server)->store().appended(), 0u);
}

TEST(Send, one_way_is_stored_and_not_answered) {
  World world;
  auto& client = world.connect();
  auto request = make_send(4, "quiet");
  request.flag = wire::kFlagOneway;
  EXPECT_EQ(world.ask(client, request).code, World::kNoAnswer);
  EXPECT_EQ((*world.server)->store().messages("orders").size(), 1u);
}

TEST(Send, to_a_queue_out_of_range_is_code_29_or_1_by_version) {
  World now;
  const auto answer = now.ask(now.connect(), make_send(1, "x", "orders", 4));
  EXPECT_EQ(answer.code, 29);
  EXPECT_EQ(answer.remark,
            "request queueId[4] is illegal, TopicConfig [topicName=orders, readQueueNums=4, "
            "writeQueueNums=4, perm=RW-, topicFilterType=SINGLE_TAG, topicSysFlag=0, order=false, "
            "attributes={}] Producer: 127.0.0.1:1");
  EXPECT_EQ(test::find_field(answer, "MSG_REGION"), "DefaultRegion");
  World before(version497());
  EXPECT_EQ(before.ask(before.connect(), make_send(1, "x", "orders", 4)).code, 1);
}

TEST(Send, to_queue_minus_one_goes_where_the_broker_likes) {
  World world;
  auto& client = world.connect();
  for (std::int32_t i = 0; i < 40; ++i) {
    EXPECT_EQ(world.ask(client, make_send(i, "x", "orders", -1)).code, 0);
  }
  for (std::int32_t queue = 0; queue < 4; ++queue) {
    EXPECT_GT((*world.server)->store().max_offset("orders", queue), 0) << queue;
  }
}

TEST(Send, to_an_unknown_topic_creates_it_as_the_default_topic_allows) {
  World world;
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_send(1, "x", "fresh", 3)).code, 0);
  EXPECT_THAT(world.ask(client, make_route_request(2, "fresh")).body,
              testing::HasSubstr(R"("perm":6,"readQueueNums":4)"));
  EXPECT_EQ(world.ask(client, make_send(3, "x", "%RETRY%g")).code, 0);

  ServerOptions options;
  options.create_topics = false;
  World strict(options);
  const auto refused = strict.ask(strict.connect(), make_send(1, "x", "fresh"));
  EXPECT_EQ(refused.code, 17);
  EXPECT_EQ(refused.remark,
            "topic[fresh] not exist, apply first please!\nSee "
            "https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.");
}

TEST(Send, to_an_illegal_or_forbidden_topic_is_refused_as_each_version_does) {
  World now;
  auto& client = now.connect();
  EXPECT_EQ(now.ask(client, make_send(1, "x", "bad topic")).code, 29);
  EXPECT_EQ(now.ask(client, make_send(2, "x", "")).code, 29);
  EXPECT_EQ(now.ask(client, make_send(3, "x", std::string(128, 't'))).code, 29);
  EXPECT_EQ(now.ask(client, make_send(4, "x", std::string(127, 't'))).code, 0);
  const auto forbidden = now.ask(client, make_send(5, "x", "SCHEDULE_TOPIC_XXXX"));
  EXPECT_EQ(forbidden.code, 16);
  EXPECT_EQ(forbidden.remark, "Sending message to topic[SCHEDULE_TOPIC_XXXX] is forbidden.");
  World before(version497());
  EXPECT_EQ(before.ask(before.connect(), make_send(1, "x", "bad topic")).code, 1);
}

TEST(Send, beyond_the_bounds_of_body_or_properties_is_code_13) {
  World world;
  auto& client = world.connect();
  const std::size_t limit = ServerLimits().body_bytes_max;
  client.send(make_send(1, std::string(limit, 'b')));
  client.send(make_send(2, std::string(limit + 1, 'b')));
  client.send(make_send(3, "x", "orders", 0, "K\x01" + std::string(32'770, 'p')));
  world.run(10s);
  EXPECT_EQ(client.answer_to(1)->code, 0);
  EXPECT_EQ(client.answer_to(2)->code, 13);
  EXPECT_EQ(client.answer_to(3)->code, 13);
  EXPECT_EQ((*world.server)->store().appended(), 1u);
}

std::string make_batch_entry(const std::string& body, const std::string& properties) {
  const auto number = [](std::size_t value, int bytes) {
    std::string text;
    while (bytes-- > 0) text += static_cast<char>(value >> (8 * bytes));
    return text;
  };
  return number(22 + body.size() + properties.size(), 4) + std::string(8, '\0') + number(3, 4) +
         number(body.size(), 4) + body + number(properties.size(), 2) + properties;
}

TEST(SendBatch, stores_each_message_and_joins_the_ids) {
  World world;
  auto request =
      make_send(1, make_batch_entry("one", "TAGS\x01t\x02") + make_batch_entry("two", ""));
  request.code = static_cast<std::int32_t>(RequestCode::SEND_BATCH_MESSAGE);
  const auto answer = world.ask(world.connect(), request);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(test::find_field(answer, "queueOffset"), "0");
  EXPECT_EQ(test::find_field(answer, "msgId").size(), 32u + 1 + 32);
  const auto messages = (*world.server)->store().messages("orders");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].body, "one");
  EXPECT_EQ(messages[0].property("TAGS"), "t");
  EXPECT_EQ(messages[1].body, "two");
  EXPECT_EQ(messages[1].flag, 3);
}

TEST(SendBatch, that_cannot_be_taken_apart_stores_nothing) {
  World world;
  auto& client = world.connect();
  const std::string good = make_batch_entry("one", "");
  std::int32_t opaque = 0;
  for (std::size_t size = 0; size < 2 * good.size(); ++size) {
    if (size == good.size()) continue;
    auto request = make_send(++opaque, (good + good).substr(0, size));
    request.code = static_cast<std::int32_t>(RequestCode::SEND_BATCH_MESSAGE);
    EXPECT_EQ(world.ask(client, request).code, 1) << size;
  }
  EXPECT_EQ((*world.server)->store().appended(), 0u);
}

TEST(Pull, gives_what_was_sent_and_says_where_to_go_on) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_send(1, "first"));
  world.ask(client, make_send(2, "second"));
  const auto found = world.ask(client, make_pull(3, 0, 0));
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.remark, "FOUND");
  EXPECT_EQ(test::find_field(found, "nextBeginOffset"), "2");
  EXPECT_EQ(test::find_field(found, "maxOffset"), "2");
  const auto kept = (*world.server)->store().messages("orders");
  EXPECT_EQ(found.body.size(), kept[0].stored_bytes() + kept[1].stored_bytes());
  EXPECT_THAT(found.body, testing::HasSubstr("second"));
}

TEST(Pull, outside_of_what_there_is_says_so) {
  World world;
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_pull(1, 0, 0)).remark, "NO_MESSAGE_IN_QUEUE");
  world.ask(client, make_send(2, "only"));
  EXPECT_EQ(world.ask(client, make_pull(3, 0, 1)).code, 19);
  EXPECT_EQ(world.ask(client, make_pull(4, 0, 2)).code, 21);
  EXPECT_EQ(world.ask(client, make_pull(5, 0, -1)).code, 21);
  EXPECT_EQ(world.ask(client, make_pull(6, 4, 0)).code, 29);
  EXPECT_EQ(world.ask(client, make_pull(7, 0, 0, "nothing")).code, 17);
}

TEST(Store, makes_room_by_dropping_the_oldest_of_the_queue) {
  Store store({.messages_per_queue = 3, .bytes_per_queue = 10'000});
  for (int i = 0; i < 5; ++i) {
    Message message;
    message.topic = "t";
    message.body = std::to_string(i);
    store.append(message);
  }
  EXPECT_EQ(store.min_offset("t", 0), 2);
  EXPECT_EQ(store.max_offset("t", 0), 5);
  EXPECT_EQ(store.find("t", 0, 1), nullptr);
  EXPECT_EQ(store.find("t", 0, 4)->body, "4");
  Message large;
  large.topic = "t";
  large.body = std::string(20'000, 'x');
  store.append(large);
  EXPECT_EQ(store.messages("t").size(), 1u);
  EXPECT_EQ(store.bytes(), store.messages("t")[0].stored_bytes());
}

}  // namespace
}  // namespace rmq::testbroker
