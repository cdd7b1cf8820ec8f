// Messages with a timer, and RECALL_MESSAGE.
#include "protocol/recall_handle.h"
#include "protocol/recall_message.h"
#include "testbroker/timer_messages.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

std::string with(std::string_view name, std::int64_t value) {
  return "UNIQ_KEY\x01ID7\x02" + std::string(name) + "\x01" + std::to_string(value) + "\x02";
}

ServerOptions with_recalls() {
  ServerOptions options;
  options.recalls = true;
  return options;
}

class Timer : public ::testing::Test {
 protected:
  explicit Timer(ServerOptions options = with_recalls()) : world_(std::move(options)) {}

  std::vector<Message> stored(std::string_view topic) {
    return (*world_.server)->store().messages(topic);
  }
  wire::Command send(std::string properties) {
    return world_.ask(client_, make_send(++opaque_, "x", "orders", 2, std::move(properties)));
  }
  wire::Command recall(std::string_view handle, std::string_view topic = "orders") {
    return world_.ask(
        client_, make_typed(++opaque_, protocol::RecallMessageRequest{.producer_group = "group",
                                                                      .topic = topic,
                                                                      .recall_handle = handle}));
  }
  std::int64_t now() { return (*world_.server)->state().wall_ms(); }

  World world_;
  test::RawClient& client_ = world_.connect();
  std::int32_t opaque_ = 0;
};

TEST_F(Timer, keeps_a_message_until_the_whole_second_after_its_time) {
  const std::int64_t due = now() + 3500;
  const auto answer = send(with("TIMER_DELIVER_MS", due));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(test::find_field(answer, "queueId"), "2");
  ASSERT_EQ(stored(kTimerTopic).size(), 1u);
  std::int64_t came_at = 0;
  while (came_at == 0 && now() < due + 5000) {
    world_.run(10ms);
    if (!stored("orders").empty()) came_at = now();
  }
  EXPECT_GE(came_at, due);
  EXPECT_LT(came_at, due + 1100);
  EXPECT_EQ(stored("orders")[0].queue_id, 2);
  EXPECT_EQ(stored("orders")[0].property("TIMER_DELIVER_MS"), std::to_string(due));
}

TEST_F(Timer, counts_delays_from_when_the_message_came) {
  send(with("TIMER_DELAY_SEC", 2));
  send(with("TIMER_DELAY_MS", 4000));
  world_.run(1900ms);
  EXPECT_EQ(stored("orders").size(), 0u);
  world_.run(1200ms);
  EXPECT_EQ(stored("orders").size(), 1u);
  world_.run(2s);
  EXPECT_EQ(stored("orders").size(), 2u);
}

TEST_F(Timer, in_the_past_is_none_and_too_far_or_no_number_is_refused) {
  EXPECT_EQ(send(with("TIMER_DELIVER_MS", 1)).code, 0);
  EXPECT_EQ(stored("orders").size(), 1u);
  EXPECT_EQ(send(with("TIMER_DELAY_SEC", 3 * 24 * 3600 + 1)).code, 13);
  EXPECT_EQ(send("TIMER_DELAY_MS\x01soon\x02").code, 13);
}

TEST_F(Timer, beside_a_delay_level_is_none) {
  send(with("DELAY", 1) +
       "TIMER_DELAY_SEC\x01"
       "60\x02");
  world_.run(1100ms);
  EXPECT_EQ(stored("orders").size(), 1u);
}

TEST_F(Timer, follows_the_wall_clock_when_it_jumps) {
  send(with("TIMER_DELAY_SEC", 3600));
  (*world_.server)->jump_clock(std::chrono::hours(1) + 1s);
  world_.run();
  EXPECT_EQ(stored("orders").size(), 1u);
}

TEST_F(Timer, that_ends_while_the_server_is_down_is_made_up_for) {
  send(with("TIMER_DELAY_SEC", 2));
  (*world_.server)->crash(10s, Memory::kept);
  world_.run(5s);
  EXPECT_EQ(stored("orders").size(), 0u);
  world_.run(6s);
  EXPECT_EQ(stored("orders").size(), 1u);
}

TEST_F(Timer, message_can_be_recalled_by_the_handle_of_the_answer) {
  const auto answer = send(with("TIMER_DELAY_SEC", 5));
  const auto handle = protocol::parse_recall_handle(test::find_field(answer, "recallHandle"));
  ASSERT_TRUE(handle);
  EXPECT_EQ(handle->topic, "orders");
  EXPECT_EQ(handle->broker_name, "broker-a");
  EXPECT_EQ(handle->message_id, "ID7");
  const auto recalled = recall(test::find_field(answer, "recallHandle"));
  EXPECT_EQ(recalled.code, 0);
  EXPECT_EQ(recalled.remark, "not set any response code");
  EXPECT_EQ(test::find_field(recalled, "msgId"), "ID7");
  world_.run(10s);
  EXPECT_EQ(stored("orders").size(), 0u);
}

TEST_F(Timer, recall_is_refused_as_a_real_broker_does) {
  const auto handle = [this](std::string topic, std::string broker, std::int64_t at) {
    return protocol::to_text({.topic = std::move(topic),
                              .broker_name = std::move(broker),
                              .timestamp_ms = std::to_string(at),
                              .message_id = "ID7"});
  };
  EXPECT_EQ(recall("bad").code, 604);
  EXPECT_EQ(recall(handle("bills", "broker-a", now() + 5000)).code, 604);
  EXPECT_EQ(recall(handle("orders", "broker-b", now() + 5000)).code, 604);
  EXPECT_EQ(recall(handle("orders", "broker-a", now() - 1)).code, 604);
  EXPECT_EQ(recall(handle("none", "broker-a", now() + 5000), "none").code, 17);
}

class WithoutRecalls : public Timer {
 protected:
  WithoutRecalls() : Timer(ServerOptions()) {}
};

TEST_F(WithoutRecalls, are_forbidden_as_a_broker_ships) {
  const auto answer = send(with("TIMER_DELAY_SEC", 5));
  EXPECT_NE(test::find_field(answer, "recallHandle"), "");
  const auto refused = recall(test::find_field(answer, "recallHandle"));
  EXPECT_EQ(refused.code, 16);
  EXPECT_EQ(refused.remark, "recall failed, operation is forbidden");
}

ServerOptions without_timers() {
  ServerOptions options;
  options.timers = false;
  return options;
}

class WithoutTimers : public Timer {
 protected:
  WithoutTimers() : Timer(without_timers()) {}
};

TEST_F(WithoutTimers, messages_with_one_are_refused) {
  EXPECT_EQ(send(with("TIMER_DELAY_SEC", 5)).code, 1);
  EXPECT_EQ(send("UNIQ_KEY\x01ID7\x02").code, 0);
}

class Of49 : public Timer {
 protected:
  Of49() : Timer(version497()) {}
};

TEST_F(Of49, timers_and_priorities_are_ignored_and_recalls_unknown) {
  send(with("TIMER_DELAY_SEC", 5));
  send(with("_SYS_MSG_PRIORITY_", 0));
  ASSERT_EQ(stored("orders").size(), 2u);
  EXPECT_EQ(stored("orders")[1].queue_id, 2);
  EXPECT_EQ(recall("bad").code, 3);
}

TEST_F(Timer, priority_chooses_the_queue_and_goes_where_another_kind_wins) {
  EXPECT_EQ(test::find_field(send(with("_SYS_MSG_PRIORITY_", 1)), "queueId"), "1");
  EXPECT_EQ(test::find_field(send(with("_SYS_MSG_PRIORITY_", 99)), "queueId"), "3");
  EXPECT_EQ(stored("orders")[0].property("_SYS_MSG_PRIORITY_"), "1");
  send(with("_SYS_MSG_PRIORITY_", 1) +
       "__SHARDINGKEY\x01"
       "k\x02");
  const Message last = stored("orders").back();
  EXPECT_EQ(last.queue_id, 2);
  EXPECT_EQ(last.property("_SYS_MSG_PRIORITY_"), "");
}

}  // namespace
}  // namespace rmq::testbroker
