#include "testbroker_fixture.h"

namespace rmq::testbroker {
namespace {

constexpr const char* kStandardBody =
    R"({"brokerDatas":[{"brokerAddrs":{"0":"10.0.0.1:10911"},"brokerName":"broker-a",)"
    R"("cluster":"DefaultCluster","enableActingMaster":false}],"filterServerTable":{},)"
    R"("queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,)"
    R"("writeQueueNums":4}]})";

TEST(Route, is_written_as_a_5_4_nameserver_writes_it) {
  World world;
  const auto answer = world.ask(world.connect(), make_route_request(5, "orders"));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.body, kStandardBody);
  EXPECT_EQ(answer.version, 493);
  EXPECT_EQ(answer.flag, wire::kFlagResponse);
  EXPECT_EQ(answer.language, wire::Language::java);
}

TEST(Route, has_number_keys_for_clients_before_4_9_4_that_do_not_ask_for_standard_json) {
  World world(version497());
  auto& client = world.connect();
  const auto old = world.ask(client, make_route_request(1, "orders", 399));
  EXPECT_THAT(old.body, testing::HasSubstr(R"("brokerAddrs":{0:"10.0.0.1:10911"})"));
  EXPECT_THAT(old.body, testing::Not(testing::HasSubstr("enableActingMaster")));
  auto request = make_route_request(2, "orders", 399);
  request.fields.emplace_back("acceptStandardJsonOnly", "true");
  EXPECT_THAT(world.ask(client, request).body, testing::HasSubstr(R"({"0":)"));
  EXPECT_THAT(world.ask(client, make_route_request(3, "orders", 401)).body,
              testing::HasSubstr(R"({"0":)"));
}

TEST(Route, of_an_unknown_topic_is_code_17_with_the_remark_of_each_version) {
  World now;
  const auto answer = now.ask(now.connect(), make_route_request(1, "nothing"));
  EXPECT_EQ(answer.code, 17);
  EXPECT_EQ(answer.remark,
            "No topic route info in name server for the topic: nothing\nSee "
            "https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.");
  World before(version497());
  EXPECT_EQ(before.ask(before.connect(), make_route_request(1, "nothing")).remark,
            "No topic route info in name server for the topic: nothing\nSee "
            "http://rocketmq.apache.org/docs/faq/ for further details.");
}

TEST(Route, answer_follows_the_request_s_serialization_in_4_9_and_is_json_in_5_4) {
  auto request = make_route_request(1, "orders");
  request.serialization = wire::Serialization::rocketmq;
  World now;
  EXPECT_EQ(now.ask(now.connect(), request).serialization, wire::Serialization::json);
  World before(version497());
  EXPECT_EQ(before.ask(before.connect(), request).serialization, wire::Serialization::rocketmq);
  ServerOptions options;
  options.answers = AnswerEncoding::rocketmq;
  World forced(options);
  EXPECT_EQ(forced.ask(forced.connect(), make_route_request(1, "orders")).serialization,
            wire::Serialization::rocketmq);
}

TEST(Route, shows_all_brokers_that_share_a_table_and_ends_with_the_last) {
  RouteTable routes;
  ServerOptions options;
  options.shared_routes = &routes;
  World world(options);
  options.broker_name = "broker-b";
  options.topics = {{.name = "orders", .read_queues = 2, .write_queues = 1}};
  test::MemoryServer second(world.network, "10.0.0.2:10911", options);
  auto& client = world.connect();
  const auto both = world.ask(client, make_route_request(1, "orders"));
  EXPECT_THAT(both.body, testing::HasSubstr("10.0.0.1:10911"));
  EXPECT_THAT(both.body, testing::HasSubstr("10.0.0.2:10911"));
  EXPECT_THAT(both.body, testing::HasSubstr(R"("readQueueNums":2,)"));
  routes.remove_broker("broker-a", 0);
  EXPECT_THAT(world.ask(client, make_route_request(2, "orders")).body,
              testing::Not(testing::HasSubstr("broker-a")));
  routes.remove_broker("broker-b", 0);
  EXPECT_EQ(world.ask(client, make_route_request(3, "orders")).code, 17);
}

TEST(UnknownRequest, is_refused_with_code_3) {
  World world;
  const auto answer = world.ask(world.connect(), make_request(RequestCode{9999}, 1));
  EXPECT_EQ(answer.code, 3);
  EXPECT_EQ(answer.remark, " request type 9999 not supported");
}

TEST(UnknownRequest, gets_no_answer_from_a_nameserver_of_4_9) {
  ServerOptions options = version497();
  options.broker = false;
  World world(options);
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_request(RequestCode{9999}, 1)).code, World::kNoAnswer);
  EXPECT_TRUE(client.is_open());
}

TEST(Heartbeat, registers_the_client_until_it_unregisters_or_its_connection_ends) {
  World world;
  auto& client = world.connect();
  const std::string body =
      R"({"clientID":"c1","producerDataSet":[{"groupName":"p"}],"consumerDataSet":[{"groupName":"g"}]})";
  const auto answer = world.ask(client, make_request(RequestCode::HEART_BEAT, 1, {}, body));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(test::find_field(answer, "IS_SUPPORT_HEART_BEAT_V2"), "true");
  EXPECT_EQ(test::find_field(answer, "IS_SUB_CHANGE"), "true");
  ASSERT_NE((*world.server)->clients().find("c1"), nullptr);
  EXPECT_TRUE((*world.server)->clients().find("c1")->consumer_groups.contains("g"));
  world.ask(client, make_request(RequestCode::UNREGISTER_CLIENT, 2,
                                 {{"clientID", "c1"}, {"producerGroup", "p"}}));
  EXPECT_NE((*world.server)->clients().find("c1"), nullptr);
  client.close();
  world.run();
  EXPECT_EQ((*world.server)->clients().find("c1"), nullptr);
}

TEST(Heartbeat, with_a_body_that_is_no_heartbeat_is_an_error_and_no_harm) {
  World world;
  auto& client = world.connect();
  std::int32_t opaque = 0;
  for (const char* body : {"", "{", "[]", "7", "\xff\xfe", "null"}) {
    EXPECT_EQ(world.ask(client, make_request(RequestCode::HEART_BEAT, ++opaque, {}, body)).code, 1);
  }
  const std::string deep(200'000, '[');
  EXPECT_EQ(world.ask(client, make_request(RequestCode::HEART_BEAT, ++opaque, {}, deep)).code, 1);
}

}  // namespace
}  // namespace rmq::testbroker
