// PULL_MESSAGE: what it finds, which subscription counts, and long polling.
#include "protocol/stored_message.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

using protocol::kPullFlagCommitOffset;
using protocol::kPullFlagSubscription;
using protocol::kPullFlagSuspend;

std::string next_of(const wire::Command& answer) {
  return test::find_field(answer, "nextBeginOffset");
}

class Pulling : public ::testing::Test {
 protected:
  explicit Pulling(ServerOptions options = {}) : world_(std::move(options)) {}

  wire::Command pull(const protocol::PullMessageRequest& request) {
    return world_.ask(client_, make_typed(++opaque_, request));
  }
  void subscribe(std::string expression, std::int64_t version = 1) {
    world_.ask(client_, make_heartbeat(++opaque_, "c1", "group", "orders", expression, version));
  }
  void send(std::string tag) { world_.ask(client_, make_send_with_tag(++opaque_, std::move(tag))); }
  bool is_answered(std::int32_t opaque) const { return client_.answer_to(opaque) != nullptr; }

  World world_;
  test::RawClient& client_ = world_.connect();
  std::int32_t opaque_ = 0;
};

TEST_F(Pulling, without_a_heartbeat_finds_no_subscription) {
  const auto answer = pull(pull_of(0));
  EXPECT_EQ(answer.code, 24);
  EXPECT_THAT(*answer.remark, ::testing::HasSubstr("the consumer's group info not exist"));
}

TEST_F(Pulling, of_a_topic_that_the_group_did_not_subscribe_finds_no_subscription) {
  world_.ask(client_, make_heartbeat(++opaque_, "c1", "group", "others"));
  EXPECT_EQ(pull(pull_of(0)).code, 24);
}

TEST_F(Pulling, with_a_newer_subscription_than_the_heartbeat_brought_is_refused) {
  subscribe("*", 1);
  auto request = pull_of(0);
  request.sub_version = 2;
  EXPECT_EQ(pull(request).code, 25);
  subscribe("*", 2);
  EXPECT_EQ(pull(request).code, 19);
}

TEST_F(Pulling, gives_messages_whose_tag_is_in_the_subscription_of_the_heartbeat) {
  subscribe("a || c");
  for (const char* tag : {"a", "b", "c", "b"}) send(tag);
  const auto answer = pull(pull_of(0));
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(next_of(answer), "4");
  protocol::StoredMessageReader reader(base::as_bytes(answer.body));
  protocol::StoredMessageView message;
  std::vector<std::int64_t> offsets;
  while (reader.next(&message)) offsets.push_back(message.queue_offset);
  EXPECT_THAT(offsets, ::testing::ElementsAre(0, 2));
}

TEST_F(Pulling, that_matches_nothing_says_where_to_go_on) {
  subscribe("nothing");
  for (const char* tag : {"a", "b"}) send(tag);
  const auto answer = pull(pull_of(0));
  EXPECT_EQ(answer.code, 20);
  EXPECT_EQ(next_of(answer), "2");
  EXPECT_EQ(test::find_field(answer, "maxOffset"), "2");
}

TEST_F(Pulling, looks_at_a_bounded_number_of_messages_that_do_not_match) {
  subscribe("nothing");
  for (int i = 0; i < 1000; ++i) {
    Message message;
    message.topic = "orders";
    (*world_.server)->store().append(message);
  }
  EXPECT_EQ(next_of(pull(pull_of(0))), "800");
}

TEST_F(Pulling, with_a_subscription_of_its_own_needs_no_heartbeat) {
  send("a");
  auto request = pull_of(0, kPullFlagSubscription);
  request.subscription = "b";
  EXPECT_EQ(pull(request).code, 20);
  request.subscription = "a";
  EXPECT_EQ(pull(request).code, 0);
  request.subscription = "||";
  EXPECT_EQ(pull(request).code, 23);
  request.expression_type = "SQL92";
  EXPECT_EQ(pull(request).code, 1);
}

TEST_F(Pulling, of_an_offset_out_of_range_is_told_the_nearest_one) {
  subscribe("*");
  send("a");
  const auto beyond = pull(pull_of(2));
  EXPECT_EQ(beyond.code, 21);
  EXPECT_EQ(next_of(beyond), "1");
  const auto negative = pull(pull_of(-5));
  EXPECT_EQ(negative.code, 21);
  EXPECT_EQ(next_of(negative), "0");
}

TEST_F(Pulling, stores_the_offset_that_it_brings_only_with_the_flag) {
  subscribe("*");
  auto request = pull_of(0);
  request.commit_offset = 5;
  pull(request);
  EXPECT_FALSE((*world_.server)->offsets().find("group", "orders", 0));
  request.sys_flag = kPullFlagCommitOffset;
  pull(request);
  EXPECT_EQ((*world_.server)->offsets().find("group", "orders", 0), 5);
}

// As real brokers do.
TEST_F(Pulling, takes_no_notice_of_the_bytes_that_the_client_wants) {
  subscribe("*");
  for (int i = 0; i < 3; ++i) send("a");
  auto request = pull_of(0);
  request.message_bytes_max = 1;
  EXPECT_EQ(next_of(pull(request)), "3");
}

TEST_F(Pulling, lite_is_the_same_on_5x) {
  subscribe("*");
  EXPECT_EQ(pull(pull_of(0, protocol::kPullFlagLitePull)).code, 19);
}

TEST(PullingFrom49, lite_is_no_request) {
  World world(version497());
  auto& client = world.connect();
  const auto request = make_typed(1, pull_of(0, protocol::kPullFlagLitePull));
  EXPECT_EQ(world.ask(client, request).code, 3);
}

TEST_F(Pulling, that_waits_is_answered_by_the_next_message_on_any_connection) {
  subscribe("*");
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 15'000)));
  world_.run(3s);
  EXPECT_FALSE(is_answered(50));
  EXPECT_EQ((*world_.server)->held_pull_count(), 1u);
  world_.ask(world_.connect(), make_send(1, "x"));
  ASSERT_TRUE(is_answered(50));
  EXPECT_EQ(client_.answer_to(50)->code, 0);
  EXPECT_EQ(next_of(*client_.answer_to(50)), "1");
  EXPECT_EQ((*world_.server)->held_pull_count(), 0u);
  EXPECT_EQ((*world_.server)->state().held_pulls.bytes(), 0u);
}

TEST_F(Pulling, that_waits_does_not_hold_up_its_connection) {
  subscribe("*");
  auto other_queue = pull_of(0, kPullFlagSuspend, 15'000);
  other_queue.queue_id = 1;
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 15'000)));
  client_.send(make_typed(51, other_queue));
  EXPECT_EQ(world_.ask(client_, make_route_request(52, "orders")).code, 0);
  world_.ask(client_, make_send(53, "x", "orders", 1));
  EXPECT_TRUE(is_answered(51));
  EXPECT_FALSE(is_answered(50));
}

TEST_F(Pulling, that_waits_is_answered_with_nothing_at_the_first_look_after_its_time) {
  subscribe("*");
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 6'000)));
  world_.run(9s);
  EXPECT_FALSE(is_answered(50));
  world_.run(2s);
  ASSERT_TRUE(is_answered(50));
  EXPECT_EQ(client_.answer_to(50)->code, 19);
}

// The looks go on from the start of the broker, and each takes a moment itself: a pull that is sent
// when the one before was answered waits for one interval more than its time, and a little.
TEST_F(Pulling, that_waits_is_answered_one_interval_late_when_its_time_is_a_multiple_of_it) {
  subscribe("*");
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 5'000)));
  world_.run(10s + 100ms);
  ASSERT_TRUE(is_answered(50));
  for (std::int32_t opaque = 51; opaque < 54; ++opaque) {
    client_.send(make_typed(opaque, pull_of(0, kPullFlagSuspend, 15'000)));
    world_.run(19s + 800ms);
    EXPECT_FALSE(is_answered(opaque));
    world_.run(230ms);
    EXPECT_TRUE(is_answered(opaque));
  }
}

TEST_F(Pulling, that_waits_is_not_woken_by_a_message_it_does_not_want_until_the_next_look) {
  subscribe("a");
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 60'000)));
  world_.run();
  send("b");
  EXPECT_FALSE(is_answered(50));
  world_.run(6s);
  ASSERT_TRUE(is_answered(50));
  EXPECT_EQ(client_.answer_to(50)->code, 20);
  EXPECT_EQ(next_of(*client_.answer_to(50)), "1");
}

TEST_F(Pulling, that_waits_ends_with_its_connection) {
  subscribe("*");
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 60'000)));
  world_.run();
  client_.close();
  world_.run();
  EXPECT_EQ((*world_.server)->held_pull_count(), 0u);
  world_.ask(world_.connect(), make_send(1, "x"));
}

TEST_F(Pulling, that_waits_is_gone_after_a_restart_with_and_without_memory) {
  for (const Memory memory : {Memory::kept, Memory::lost}) {
    auto& client = world_.connect();
    world_.ask(client, make_heartbeat(1, "c1", "group"));
    client.send(make_typed(50, pull_of(0, kPullFlagSuspend, 60'000)));
    world_.run();
    EXPECT_EQ((*world_.server)->held_pull_count(), 1u);
    (*world_.server)->crash(1s, memory);
    world_.run(2s);
    EXPECT_EQ((*world_.server)->held_pull_count(), 0u);
    EXPECT_TRUE((*world_.server)->is_listening());
  }
}

TEST_F(Pulling, that_waits_gets_the_fault_of_the_script_with_its_answer) {
  subscribe("*");
  (*world_.server)->script().on(RequestCode::PULL_MESSAGE).first(1).then(fault::recode(2));
  (*world_.server)->script().on(RequestCode::PULL_MESSAGE).nth(2).then(fault::no_answer());
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 15'000)));
  client_.send(make_typed(51, pull_of(0, kPullFlagSuspend, 15'000)));
  world_.run();
  world_.ask(world_.connect(), make_send(1, "x"));
  ASSERT_TRUE(is_answered(50));
  EXPECT_EQ(client_.answer_to(50)->code, 2);
  EXPECT_FALSE(is_answered(51));
}

TEST_F(Pulling, that_waits_at_a_paused_server_is_answered_when_that_goes_on) {
  subscribe("*");
  client_.send(make_typed(50, pull_of(0, kPullFlagSuspend, 6'000)));
  world_.run();
  (*world_.server)->stop_listening();
  (*world_.server)->pause();
  world_.run(60s);
  EXPECT_FALSE(is_answered(50));
  (*world_.server)->resume();
  world_.run();
  EXPECT_TRUE(is_answered(50));
}

TEST(PullBounds, answer_at_once_what_may_not_wait_any_more) {
  ServerOptions options;
  options.limits.held_pulls.pulls = 1;
  World world(options);
  auto& client = world.connect();
  world.ask(client, make_heartbeat(1, "c1", "group"));
  client.send(make_typed(50, pull_of(0, kPullFlagSuspend, 15'000)));
  EXPECT_EQ(world.ask(client, make_typed(51, pull_of(0, kPullFlagSuspend, 15'000))).code, 19);
  EXPECT_EQ(client.answer_to(50), nullptr);
}

}  // namespace
}  // namespace rmq::testbroker
