// Membership of consumer groups: 34, 35, 38 and 40.
#include "protocol/consumer_list.h"
#include "protocol/unregister_client.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr auto kNotify = RequestCode::NOTIFY_CONSUMER_IDS_CHANGED;

std::vector<std::string> members(World& world, test::RawClient& client, std::string_view group,
                                 std::int32_t opaque = 900) {
  const auto answer =
      world.ask(client, make_typed(opaque, protocol::GetConsumerListRequest{group}));
  if (answer.code != 0) return {};
  return protocol::parse_consumer_list(answer.body).take_value();
}

TEST(Groups, list_one_client_id_for_each_connection_that_sent_a_heartbeat) {
  World world;
  auto& one = world.connect();
  auto& two = world.connect();
  auto& three = world.connect();
  world.ask(one, make_heartbeat(1, "c1", "g"));
  world.ask(two, make_heartbeat(1, "c2", "g"));
  world.ask(three, make_heartbeat(1, "c2", "g"));
  EXPECT_THAT(members(world, one, "g"), UnorderedElementsAre("c1", "c2", "c2"));
}

TEST(Groups, without_a_member_are_a_system_error) {
  World world;
  auto& client = world.connect();
  const auto answer = world.ask(client, make_typed(1, protocol::GetConsumerListRequest{"nobody"}));
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.remark, "no consumer for this group, nobody");
}

TEST(Groups, tell_all_members_when_one_comes_leaves_or_breaks_off) {
  World world;
  auto& one = world.connect();
  auto& two = world.connect();
  auto& three = world.connect();
  world.ask(one, make_heartbeat(1, "c1", "g"));
  EXPECT_EQ(count_of(one, kNotify), 1u);
  world.ask(one, make_heartbeat(2, "c1", "g"));
  EXPECT_EQ(count_of(one, kNotify), 1u) << "the same again is no change";
  world.ask(two, make_heartbeat(1, "c2", "g"));
  world.ask(three, make_heartbeat(1, "c3", "g"));
  EXPECT_EQ(count_of(one, kNotify), 3u);
  EXPECT_EQ(count_of(two, kNotify), 2u);

  world.ask(two, make_typed(2, protocol::UnregisterClientRequest{.client_id = "c2",
                                                                 .consumer_group = "g"}));
  EXPECT_EQ(count_of(one, kNotify), 4u);
  EXPECT_EQ(count_of(two, kNotify), 2u);
  three.close();
  world.run();
  EXPECT_EQ(count_of(one, kNotify), 5u);
  EXPECT_THAT(members(world, one, "g"), ElementsAre("c1"));
}

TEST(Groups, are_told_of_a_change_by_a_oneway_request_with_the_group_before_the_answer) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_heartbeat(1, "c1", "g"));
  ASSERT_EQ(client.answers().size(), 2u);
  const wire::Command& told = client.answers()[0];
  EXPECT_EQ(told.code, static_cast<std::int32_t>(kNotify));
  EXPECT_EQ(told.flag, wire::kFlagOneway);
  EXPECT_EQ(test::find_field(told, "consumerGroup"), "g");
}

TEST(Groups, that_broadcast_are_told_by_4_9_only) {
  for (const bool is_5x : {true, false}) {
    World world(is_5x ? ServerOptions() : version497());
    auto& client = world.connect();
    auto consumer = make_consumer("g");
    consumer.message_model = protocol::MessageModel::broadcasting;
    world.ask(client, make_heartbeat(1, {.client_id = "c1", .consumers = {consumer}}));
    EXPECT_EQ(count_of(client, kNotify), is_5x ? 0u : 1u);
  }
}

TEST(Groups, are_told_when_a_topic_comes_or_goes_but_not_of_a_newer_subscription) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_heartbeat(1, "c1", "g", "orders", "*", 1));
  world.ask(client, make_heartbeat(2, "c1", "g", "orders", "a", 2));
  EXPECT_EQ(count_of(client, kNotify), 1u);
  const auto* group = (*world.server)->clients().find_consumers("g");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->subscriptions.at("orders").sub_string, "a");
  world.ask(client, make_heartbeat(3, "c1", "g", "others", "*", 3));
  EXPECT_EQ(count_of(client, kNotify), 2u);
  EXPECT_FALSE(group->subscriptions.contains("orders"));
}

TEST(Groups, keep_their_subscription_when_a_heartbeat_v2_leaves_it_out_and_lose_it_on_4_9) {
  for (const bool is_5x : {true, false}) {
    World world(is_5x ? ServerOptions() : version497());
    auto& client = world.connect();
    protocol::HeartbeatData heartbeat{
        .client_id = "c1", .consumers = {make_consumer("g")}, .fingerprint = 7};
    const auto first = world.ask(client, make_heartbeat(1, heartbeat));
    heartbeat.without_sub = true;
    heartbeat.consumers[0].subscriptions.clear();
    world.ask(client, make_heartbeat(2, heartbeat));
    const auto* group = (*world.server)->clients().find_consumers("g");
    EXPECT_EQ(group->subscriptions.contains("orders"), is_5x);
    EXPECT_EQ(test::find_field(first, "IS_SUPPORT_HEART_BEAT_V2"), is_5x ? "true" : "");
  }
}

TEST(Groups, say_that_the_subscription_changed_when_the_fingerprint_did) {
  World world;
  auto& client = world.connect();
  protocol::HeartbeatData heartbeat{.client_id = "c1", .consumers = {make_consumer("g")}};
  const auto changed = [&](std::int32_t fingerprint, std::int32_t opaque) {
    heartbeat.fingerprint = fingerprint;
    return test::find_field(world.ask(client, make_heartbeat(opaque, heartbeat)), "IS_SUB_CHANGE");
  };
  EXPECT_EQ(changed(7, 1), "false");
  EXPECT_EQ(changed(7, 2), "false");
  EXPECT_EQ(changed(8, 3), "true");
  EXPECT_EQ(changed(0, 4), "true") << "without a fingerprint it is never the same";
  EXPECT_EQ(changed(8, 5), "true");
}

TEST(Groups, get_a_retry_topic_with_one_queue_that_routes_show) {
  World world;
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_route_request(1, "%RETRY%g")).code, 17);
  world.ask(client, make_heartbeat(2, "c1", "g"));
  const auto route = world.ask(client, make_route_request(3, "%RETRY%g"));
  EXPECT_EQ(route.code, 0);
  EXPECT_THAT(route.body, ::testing::HasSubstr("\"readQueueNums\":1"));
}

TEST(Groups, stay_within_the_bounds_of_the_server) {
  ServerOptions options;
  options.limits.clients = {.clients = 2, .bytes = 4096};
  options.limits.groups_max = 1;
  World world(options);
  auto& one = world.connect();
  auto& two = world.connect();
  auto& three = world.connect();
  EXPECT_EQ(world.ask(one, make_heartbeat(1, "c1", "g")).code, 0);
  EXPECT_EQ(world.ask(one, make_heartbeat(2, "c1", "another")).code, 0);
  EXPECT_THAT(members(world, one, "another"), ElementsAre());
  EXPECT_EQ(world.ask(two, make_heartbeat(1, std::string(5000, 'x'), "g")).code, 0);
  EXPECT_LE((*world.server)->clients().bytes(), 4096u);
  EXPECT_EQ(world.ask(three, make_heartbeat(1, "c3", "g")).code, 2);
  one.close();
  two.close();
  world.run();
  EXPECT_EQ((*world.server)->clients().bytes(), 0u);
}

}  // namespace
}  // namespace rmq::testbroker
