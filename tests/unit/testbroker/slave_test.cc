// Slaves: what they hold, serve and refuse, and how one takes over.
#include "protocol/stored_message.h"
#include "tests/unit/testbroker/cluster_fixture.h"

namespace rmq::testbroker {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

wire::Command make_commit(std::int32_t opaque, std::int64_t offset) {
  return make_typed(opaque, protocol::UpdateConsumerOffsetRequest{
                                .consumer_group = "g", .topic = "orders", .commit_offset = offset});
}

using Slaves = ClusterWithSlaves;

TEST_F(Slaves, are_in_the_routes_under_their_broker_id) {
  EXPECT_THAT(addresses_of("broker-a"),
              UnorderedElementsAre(Pair(0, "10.0.1.1:10911"), Pair(1, "10.1.1.1:10911")));
  EXPECT_EQ(slave().name(), "broker-a-s1");
}

TEST_F(Slaves, hold_topics_messages_and_offsets_of_their_master_at_once) {
  auto& client = connect(master());
  ask(client, make_heartbeat(1, "c1", "g"));
  ask(client, make_send(2, "one"));
  ask(client, make_send(3, "two", "fresh"));
  ask(client, make_commit(4, 7));
  const auto messages = slave().store().messages("orders");
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].body, "one");
  EXPECT_EQ(slave().store().messages("fresh").size(), 1u);
  EXPECT_NE(slave().state().find_topic("fresh"), nullptr);
  EXPECT_EQ(slave().offsets().find("g", "orders", 0), 7);
  EXPECT_TRUE((*cluster_.slave(1)).store().messages("orders").empty());
}

TEST_F(Slaves, answer_pulls_with_the_same_bytes_as_the_master) {
  auto& at_master = connect(master());
  auto& at_slave = connect(slave());
  for (auto* client : {&at_master, &at_slave}) ask(*client, make_heartbeat(1, "c1", "group"));
  ask(at_master, make_send(2, "x"));
  const auto from_master = ask(at_master, make_typed(3, pull_of(0)));
  const auto from_slave = ask(at_slave, make_typed(3, pull_of(0)));
  EXPECT_EQ(from_slave.code, 0);
  EXPECT_EQ(from_slave.body, from_master.body);
  EXPECT_EQ(test::find_field(from_slave, "suggestWhichBrokerId"), "0");
}

TEST_F(Slaves, wake_long_polls_when_their_master_gets_a_message) {
  auto& client = connect(slave());
  ask(client, make_heartbeat(1, "c1", "group"));
  client.send(make_typed(2, pull_of(0, protocol::kPullFlagSuspend, 60'000)));
  run();
  ask(master(), make_send(1, "x"));
  ASSERT_NE(client.answer_to(2), nullptr);
  EXPECT_EQ(client.answer_to(2)->code, 0);
}

TEST_F(Slaves, refuse_sends_as_messages_put_to_the_slave) {
  const auto answer = ask(slave(), make_send(1, "x"));
  EXPECT_EQ(answer.code, 14);
  EXPECT_THAT(*answer.remark, ::testing::HasSubstr("messages are put to the slave"));
  EXPECT_TRUE(slave().store().messages("orders").empty());
}

TEST_F(Slaves, are_what_pulls_are_told_to_ask_when_the_master_suggests_them) {
  master().suggest_broker(1);
  auto& client = connect(master());
  ask(client, make_heartbeat(1, "c1", "group"));
  const auto answer = ask(client, make_typed(2, pull_of(0)));
  EXPECT_EQ(test::find_field(answer, "suggestWhichBrokerId"), "1");
}

TEST_F(Slaves, that_were_down_have_everything_when_they_are_back) {
  slave().crash(5s, Memory::lost);
  auto& client = connect(master());
  for (std::int32_t i = 1; i <= 3; ++i) ask(client, make_send(i, "x"));
  EXPECT_TRUE(slave().store().messages("orders").empty());
  run(6s);
  EXPECT_EQ(slave().store().messages("orders").size(), 3u);
}

TEST_F(Slaves, that_were_frozen_have_everything_when_they_go_on) {
  slave().pause();
  ask(master(), make_send(1, "x"));
  EXPECT_TRUE(slave().store().messages("orders").empty());
  slave().resume();
  EXPECT_EQ(slave().store().messages("orders").size(), 1u);
}

TEST_F(Slaves, serve_what_they_have_while_their_master_is_down) {
  ask(master(), make_send(1, "x"));
  master().crash(1min, Memory::kept);
  auto& client = connect(slave());
  ask(client, make_heartbeat(1, "c1", "group"));
  EXPECT_EQ(ask(client, make_typed(2, pull_of(0))).code, 0);
  EXPECT_EQ(ask(client, make_send(3, "x")).code, 14);
}

TEST_F(Slaves, take_over_from_a_dead_master_which_is_a_slave_when_it_is_back) {
  ask(master(), make_send(1, "before"));
  master().crash(10s, Memory::kept);
  ASSERT_TRUE(cluster_.cluster().promote(master()).ok());
  EXPECT_TRUE(slave().is_master());
  EXPECT_THAT(addresses_of("broker-a"), UnorderedElementsAre(Pair(0, "10.1.1.1:10911")));
  const auto sent = ask(slave(), make_send(2, "after"));
  EXPECT_EQ(sent.code, 0);
  EXPECT_EQ(test::find_field(sent, "queueOffset"), "1");
  run(11s);
  EXPECT_FALSE(master().is_master());
  EXPECT_THAT(addresses_of("broker-a"),
              UnorderedElementsAre(Pair(0, "10.1.1.1:10911"), Pair(1, "10.0.1.1:10911")));
  EXPECT_EQ(master().store().messages("orders").size(), 2u);
  EXPECT_EQ(ask(master(), make_send(3, "x")).code, 14);
}

TEST_F(Slaves, take_over_from_a_living_master_and_back) {
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(cluster_.cluster().promote(master()).ok());
    Server& now = round == 0 ? slave() : master();
    Server& before = round == 0 ? master() : slave();
    EXPECT_EQ(ask(now, make_send(1, "x")).code, 0);
    EXPECT_EQ(ask(before, make_send(1, "x")).code, 14);
    EXPECT_EQ(before.store().messages("orders").size(), now.store().messages("orders").size());
  }
  EXPECT_EQ(addresses_of("broker-a").at(0), "10.0.1.1:10911");
}

TEST_F(Slaves, keep_a_master_s_topics_in_the_routes_when_they_restart_without_memory) {
  slave().crash(1s, Memory::lost);
  run(2s);
  EXPECT_EQ(addresses_of("broker-a").size(), 2u);
}

TEST_F(Slaves, deliver_delayed_messages_of_the_master_that_they_follow_and_only_once) {
  ask(master(), make_send(1, "late", "orders", 0,
                          "DELAY\x01"
                          "3\x02"));  // 10 s
  master().crash(1min, Memory::kept);
  run(2s);
  ASSERT_TRUE(cluster_.cluster().promote(master()).ok());
  run(5s);
  EXPECT_TRUE(slave().store().messages("orders").empty());
  run(5s);
  EXPECT_EQ(slave().store().messages("orders").size(), 1u);
  run(2min);
  EXPECT_EQ(slave().store().messages("orders").size(), 1u);
  EXPECT_EQ(master().store().messages("orders").size(), 1u);
}

TEST_F(Slaves, that_are_down_do_not_take_over) {
  slave().crash(1min, Memory::kept);
  const auto status = cluster_.cluster().promote(master());
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, ::testing::HasSubstr("no slave of broker-a is up"));
  EXPECT_TRUE(master().is_master());
}

class LaggingSlaves : public ClusterWithSlaves {
 protected:
  LaggingSlaves() : ClusterWithSlaves(10s) {}
};

TEST_F(LaggingSlaves, know_something_when_the_lag_has_passed) {
  ask(master(), make_send(1, "x"));
  run(5s);
  ask(master(), make_send(2, "y"));
  run(4s);
  EXPECT_TRUE(slave().store().messages("orders").empty());
  run(2s);
  EXPECT_EQ(slave().store().messages("orders").size(), 1u);
  run(5s);
  EXPECT_EQ(slave().store().messages("orders").size(), 2u);
}

TEST_F(LaggingSlaves, lose_what_the_dead_master_had_not_passed_on_when_they_take_over) {
  ask(master(), make_send(1, "kept"));
  run(11s);
  ask(master(), make_send(2, "lost"));
  master().crash(30s, Memory::kept);
  run(1s);
  ASSERT_TRUE(cluster_.cluster().promote(master()).ok());
  EXPECT_EQ(test::find_field(ask(slave(), make_send(3, "new")), "queueOffset"), "1");
  run(40s);
  const auto messages = master().store().messages("orders");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[1].body, "new");
}

TEST(StoreCopy, begins_a_queue_anew_where_the_other_store_has_dropped_messages) {
  Store source({.messages_per_queue = 2});
  Store copy({.messages_per_queue = 2});
  Message message;
  message.topic = "orders";
  const auto append = [&] { return source.append(message); };
  copy.append_copy(append());
  for (int i = 0; i < 3; ++i) append();
  source.visit_log(copy.commit_log_end(), source.commit_log_end(),
                   [&](const Message& one) { copy.append_copy(one); });
  EXPECT_EQ(copy.min_offset("orders", 0), 2);
  EXPECT_EQ(copy.max_offset("orders", 0), 4);
  copy.append_copy(*source.find("orders", 0, 3));  // again
  EXPECT_EQ(copy.max_offset("orders", 0), 4);
  EXPECT_EQ(copy.bytes(), source.bytes());
  EXPECT_EQ(copy.commit_log_end(), source.commit_log_end());
}

class SlavesThatDoNotRead : public ClusterWithSlaves {
 protected:
  SlavesThatDoNotRead() : ClusterWithSlaves(0s, options()) {}
  static ServerOptions options() {
    ServerOptions options;
    options.slave_reads = false;
    return options;
  }
};

TEST_F(SlavesThatDoNotRead, send_pulls_back_to_the_master) {
  ask(master(), make_send(1, "x"));
  auto& client = connect(slave());
  ask(client, make_heartbeat(1, "c1", "group"));
  const auto answer = ask(client, make_typed(2, pull_of(0)));
  EXPECT_EQ(answer.code, 20);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(test::find_field(answer, "suggestWhichBrokerId"), "0");
  EXPECT_EQ(test::find_field(answer, "nextBeginOffset"), "0");
}

}  // namespace
}  // namespace rmq::testbroker
