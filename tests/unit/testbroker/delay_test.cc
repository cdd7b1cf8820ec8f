// Delay levels of sends, and CONSUMER_SEND_MSG_BACK.
#include "protocol/names.h"
#include "protocol/send_back.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

using protocol::SendBackRequest;

std::string with_delay(int level) { return "DELAY\x01" + std::to_string(level) + "\x02"; }

class Delay : public ::testing::Test {
 protected:
  explicit Delay(ServerOptions options = {}) : world_(std::move(options)) {}

  std::vector<Message> stored(std::string_view topic) {
    return (*world_.server)->store().messages(topic);
  }
  void send(std::string properties = "") {
    world_.ask(client_, make_send(++opaque_, "x", "orders", 2, std::move(properties)));
  }
  wire::Command send_back(SendBackRequest request) {
    return world_.ask(client_, make_typed(++opaque_, request));
  }

  World world_;
  test::RawClient& client_ = world_.connect();
  std::int32_t opaque_ = 0;
};

TEST_F(Delay, keeps_a_message_from_its_topic_until_its_time) {
  send(with_delay(2));
  ASSERT_EQ(stored(protocol::kScheduleTopic).size(), 1u);
  EXPECT_EQ(stored(protocol::kScheduleTopic)[0].queue_id, 1);
  world_.run(4900ms);
  EXPECT_EQ(stored("orders").size(), 0u);
  world_.run(200ms);
  ASSERT_EQ(stored("orders").size(), 1u);
  const Message message = stored("orders")[0];
  EXPECT_EQ(message.queue_id, 2);
  EXPECT_EQ(message.property("DELAY"), "2");  // and yet it waits no second time
  EXPECT_EQ(message.property("REAL_TOPIC"), "orders");
  EXPECT_EQ(message.property("REAL_QID"), "2");
  EXPECT_EQ(message.body, "x");
}

TEST_F(Delay, above_the_highest_level_is_the_highest_level) {
  send(with_delay(99));
  world_.run(2h - 1s);
  EXPECT_EQ(stored("orders").size(), 0u);
  world_.run(2s);
  EXPECT_EQ(stored("orders").size(), 1u);
}

TEST_F(Delay, of_zero_is_none_and_no_number_is_refused) {
  send(with_delay(0));
  send("DELAY\x01soon\x02");
  EXPECT_EQ(stored("orders").size(), 1u);
}

TEST_F(Delay, that_ends_wakes_who_waits_for_the_message) {
  world_.ask(client_, make_heartbeat(++opaque_, "c1", "group"));
  auto pull = pull_of(0, protocol::kPullFlagSuspend, 60'000);
  pull.queue_id = 2;
  client_.send(make_typed(500, pull));
  send(with_delay(1));
  EXPECT_EQ(client_.answer_to(500), nullptr);
  world_.run(1100ms);
  ASSERT_NE(client_.answer_to(500), nullptr);
  EXPECT_EQ(client_.answer_to(500)->code, 0);
}

TEST_F(Delay, that_ends_while_the_server_is_down_is_made_up_for) {
  send(with_delay(1));
  (*world_.server)->crash(10s, Memory::kept);
  world_.run(5s);
  EXPECT_EQ(stored("orders").size(), 0u);
  world_.run(6s);
  EXPECT_EQ(stored("orders").size(), 1u);
}

class ShortDelay : public Delay {
 protected:
  static ServerOptions options() {
    ServerOptions options;
    options.delay_levels = {10ms, 20ms};
    options.store.messages_per_queue = 3;
    return options;
  }
  ShortDelay() : Delay(options()) {}
};

TEST_F(ShortDelay, is_what_the_options_say_and_as_bounded_as_the_store) {
  for (int i = 0; i < 5; ++i) client_.send(make_send(++opaque_, "x", "orders", 2, with_delay(1)));
  world_.run(2ms);
  EXPECT_EQ((*world_.server)->state().delayed.size(), 3u);
  world_.run(15ms);
  EXPECT_EQ(stored("orders").size(), 3u);
  EXPECT_EQ((*world_.server)->state().delayed.size(), 0u);
}

TEST_F(Delay, of_a_sent_back_message_grows_with_how_often_it_was) {
  send("TAGS\x01t\x02");
  const auto answer = send_back({.commit_log_offset = 0, .group = "g", .origin_topic = "orders"});
  EXPECT_EQ(answer.code, 0);
  world_.run(9900ms);
  EXPECT_EQ(stored("%RETRY%g").size(), 0u);
  world_.run(200ms);
  ASSERT_EQ(stored("%RETRY%g").size(), 1u);
  const Message first = stored("%RETRY%g")[0];
  EXPECT_EQ(first.reconsume_times, 1);
  EXPECT_EQ(first.queue_id, 0);
  EXPECT_EQ(first.property("RETRY_TOPIC"), "orders");
  EXPECT_EQ(first.property("TAGS"), "t");
  EXPECT_EQ(first.property("ORIGIN_MESSAGE_ID"), "0A00000100002A9F0000000000000000");

  send_back({.commit_log_offset = first.commit_log_offset, .group = "g"});
  world_.run(29s);
  EXPECT_EQ(stored("%RETRY%g").size(), 1u);
  world_.run(2s);
  ASSERT_EQ(stored("%RETRY%g").size(), 2u);
  const Message second = stored("%RETRY%g")[1];
  EXPECT_EQ(second.reconsume_times, 2);
  EXPECT_EQ(second.property("RETRY_TOPIC"), "orders");
  EXPECT_EQ(second.property("ORIGIN_MESSAGE_ID"), first.property("ORIGIN_MESSAGE_ID"));
}

TEST_F(Delay, of_a_sent_back_message_is_the_level_that_the_client_names) {
  send();
  send_back({.commit_log_offset = 0, .group = "g", .delay_level = 1});
  world_.run(1100ms);
  EXPECT_EQ(stored("%RETRY%g").size(), 1u);
}

TEST_F(Delay, is_none_for_a_dead_letter) {
  send();
  send_back({.commit_log_offset = 0, .group = "g", .delay_level = -1});
  send_back({.commit_log_offset = 0, .group = "g", .max_reconsume_times = 0});
  EXPECT_EQ(stored("%DLQ%g").size(), 2u);
  EXPECT_EQ(stored("%DLQ%g")[0].property("RETRY_TOPIC"), "orders");
  EXPECT_EQ(world_.ask(client_, make_route_request(100, "%DLQ%g")).code, 0);
}

TEST(SendBack, to_an_offset_without_a_message_is_a_system_error) {
  World world;
  auto& client = world.connect();
  const auto answer =
      world.ask(client, make_typed(1, SendBackRequest{.commit_log_offset = 99, .group = "g"}));
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.remark, "look message by offset failed, 99");
}

TEST(SendBack, for_a_name_that_no_group_may_have_is_refused) {
  World world;
  auto& client = world.connect();
  const auto answer =
      world.ask(client, make_typed(1, SendBackRequest{.commit_log_offset = 0, .group = "g g"}));
  EXPECT_EQ(answer.code, 26);
}

wire::Command make_resend(std::int32_t opaque, int reconsume_times, int maximum) {
  wire::Command request = make_send(opaque, "x", "%RETRY%g", 0);
  for (auto& [name, value] : request.fields) {
    if (name == "j") value = std::to_string(reconsume_times);
  }
  request.fields.emplace_back("l", std::to_string(maximum));
  return request;
}

TEST(Resend, to_the_retry_topic_beyond_the_maximum_is_a_dead_letter) {
  for (const bool is_5x : {true, false}) {
    World world(is_5x ? ServerOptions() : version497());
    auto& client = world.connect();
    world.ask(client, make_resend(1, 1, 2));
    world.ask(client, make_resend(2, 2, 2));
    world.ask(client, make_resend(3, 3, 2));
    EXPECT_EQ((*world.server)->store().messages("%RETRY%g").size(), is_5x ? 2u : 1u);
    EXPECT_EQ((*world.server)->store().messages("%DLQ%g").size(), is_5x ? 1u : 2u);
  }
}

}  // namespace
}  // namespace rmq::testbroker
