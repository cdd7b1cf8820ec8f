// What operators' tools ask a broker for. That the answers are those of real ones is what
// tests/conformance looks at.
#include "group_fixture.h"
#include "testbroker_fixture.h"

namespace rmq::testbroker {
namespace {

using testing::HasSubstr;

wire::Command make_topic_request(std::int32_t opaque, std::string topic, int queues) {
  return make_request(RequestCode::UPDATE_AND_CREATE_TOPIC, opaque,
                      {{"topic", std::move(topic)},
                       {"defaultTopic", "TBW102"},
                       {"readQueueNums", std::to_string(queues)},
                       {"writeQueueNums", std::to_string(queues)},
                       {"perm", "6"},
                       {"topicFilterType", "SINGLE_TAG"}});
}

TEST(Admin, makes_and_changes_topics) {
  World world;
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_topic_request(1, "bills", 2)).code, 0);
  EXPECT_EQ((*world.server)->state().find_topic("bills")->write_queues, 2);
  EXPECT_EQ(world.ask(client, make_topic_request(2, "bills", 5)).code, 0);
  EXPECT_EQ(world.ask(client, make_send(3, "x", "bills", 4)).code, 0);
  EXPECT_EQ(world.ask(client, make_topic_request(4, "no topic!", 1)).code, 29);
  EXPECT_EQ(world.ask(client, make_topic_request(5, "TBW102", 1)).code, 29);
}

TEST(Admin, makes_no_more_topics_than_the_bound) {
  ServerOptions options;
  options.limits.topics_max = 3;  // orders, TBW102 and one more
  World world(options);
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_topic_request(1, "a", 1)).code, 0);
  EXPECT_EQ(world.ask(client, make_topic_request(2, "b", 1)).code, 1);
  EXPECT_EQ(world.ask(client, make_topic_request(3, "a", 2)).code, 0);
}

TEST(Admin, describes_a_topic_and_its_queues) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_send(1, "x", "orders", 2));
  const auto stats =
      world.ask(client, make_request(RequestCode::GET_TOPIC_STATS_INFO, 2, {{"topic", "orders"}}));
  EXPECT_THAT(stats.body, HasSubstr(R"("queueId":2,"topic":"orders"}:{"lastUpdateTimestamp":)"));
  EXPECT_THAT(stats.body, HasSubstr(R"("maxOffset":1,"minOffset":0)"));
  const auto config =
      world.ask(client, make_request(RequestCode::GET_TOPIC_CONFIG, 3, {{"topic", "orders"}}));
  EXPECT_THAT(config.body, HasSubstr(R"("readQueueNums":4)"));
  EXPECT_EQ(
      world.ask(client, make_request(RequestCode::GET_TOPIC_STATS_INFO, 4, {{"topic", "x"}})).code,
      17);
}

TEST(Admin, describes_a_group_that_is_there) {
  World world;
  auto& client = world.connect();
  const std::vector<std::pair<std::string, std::string>> fields = {{"consumerGroup", "group"}};
  EXPECT_EQ(
      world.ask(client, make_request(RequestCode::GET_CONSUMER_CONNECTION_LIST, 1, fields)).code,
      206);
  world.ask(client, make_heartbeat(2, "c1", "group"));
  const auto members =
      world.ask(client, make_request(RequestCode::GET_CONSUMER_CONNECTION_LIST, 3, fields));
  EXPECT_THAT(members.body, HasSubstr(R"("clientId":"c1")"));
  (*world.server)->offsets().commit("group", "orders", 1, 7);
  const auto stats = world.ask(client, make_request(RequestCode::GET_CONSUME_STATS, 4, fields));
  EXPECT_THAT(stats.body, HasSubstr(R"("consumerOffset":7)"));
}

TEST(BadFields, are_refused_or_taken_for_absent_as_the_request_has_it) {
  World world;
  auto& client = world.connect();
  auto send = make_send(1, "x");
  send.fields[4].second = "x";  // the queue id of v2
  EXPECT_THAT(*world.ask(client, send).remark, HasSubstr("java.lang.NumberFormatException"));
  const auto offset = world.ask(client, make_request(RequestCode::GET_MAX_OFFSET, 2,
                                                     {{"topic", "orders"}, {"queueId", "x"}}));
  EXPECT_THAT(*offset.remark, HasSubstr("java.lang.NullPointerException"));
}

}  // namespace
}  // namespace rmq::testbroker
