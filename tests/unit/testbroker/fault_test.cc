// Faults of single connections: order, silence, slowness; and commands run by faults.
#include "testbroker/script_text.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

using ::testing::ElementsAre;

constexpr auto kSend = RequestCode::SEND_MESSAGE_V2;

std::vector<std::int32_t> opaques_of(const test::RawClient& client) {
  std::vector<std::int32_t> opaques;
  for (const auto& answer : client.answers()) opaques.push_back(answer.opaque);
  return opaques;
}

TEST(OutOfOrder, answer_changes_places_with_the_next_one_of_its_connection) {
  World world;
  auto& client = world.connect();
  auto& other = world.connect();
  (*world.server)->script().on(kSend).nth(1).then(fault::out_of_order());
  client.send(make_send(1, "x"));
  world.run();
  world.ask(other, make_send(9, "x"));
  EXPECT_TRUE(client.answers().empty());
  client.send(make_send(2, "x"));
  client.send(make_send(3, "x"));
  world.run();
  EXPECT_THAT(opaques_of(client), ElementsAre(2, 1, 3));
}

TEST(OutOfOrder, answer_that_nothing_follows_leaves_after_a_second) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSend).then(fault::out_of_order());
  client.send(make_send(1, "x"));
  world.run(900ms);
  EXPECT_TRUE(client.answers().empty());
  world.run(200ms);
  EXPECT_THAT(opaques_of(client), ElementsAre(1));
}

TEST(OutOfOrder, struck_again_swaps_pairs) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSend).then(fault::out_of_order());
  for (std::int32_t i = 1; i <= 4; ++i) client.send(make_send(i, "x"));
  world.run();
  EXPECT_THAT(opaques_of(client), ElementsAre(2, 1, 4, 3));
}

TEST(DumbConnection, neither_reads_nor_answers_nor_closes) {
  World world;
  auto& client = world.connect();
  auto& other = world.connect();
  (*world.server)->script().on(kSend).nth(1).then(fault::go_dumb());
  world.ask(client, make_heartbeat(1, "c1", "g"));
  client.send(make_send(2, "x"));
  client.send(make_send(3, "never read"));
  world.run(10min);
  EXPECT_EQ(client.answer_to(2), nullptr);
  EXPECT_EQ((*world.server)->store().messages("orders").size(), 1u);
  EXPECT_TRUE(client.is_open());
  EXPECT_FALSE(client.end());
  EXPECT_EQ((*world.server)->connection_count(), 2u);
  EXPECT_TRUE((*world.server)->clients().client_ids("g").empty());  // silent for too long
  EXPECT_EQ(world.ask(other, make_send(1, "x")).code, 0);
}

TEST(DumbConnection, gets_nothing_that_the_server_sends_by_itself_and_costs_no_memory) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSend).nth(1).then(fault::go_dumb());
  world.ask(client, make_send(1, "x"));
  const auto notice = make_request(RequestCode::NOTIFY_CONSUMER_IDS_CHANGED, 1);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE((*world.server)->push(1, notice));
  world.run();
  EXPECT_EQ(client.bytes(), "");
  EXPECT_EQ((*world.server)->find_connection(1)->bytes_waiting(), 0u);
}

TEST(DumbConnection, may_be_so_from_its_beginning_and_ends_with_the_process) {
  World world;
  (*world.server)->script().on_connect().nth(1).then(fault::go_dumb());
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_send(1, "x")).code, World::kNoAnswer);
  EXPECT_TRUE(client.is_open());
  (*world.server)->crash(1s, Memory::kept);
  world.run();
  EXPECT_FALSE(client.is_open());
}

TEST(DumbConnection, is_one_of_a_bounded_number) {
  World world;
  (*world.server)->script().on_connect().then(fault::go_dumb());
  for (int i = 0; i < 1010; ++i) world.connect();
  world.run();
  EXPECT_EQ((*world.server)->connection_count(), 1000u);
}

TEST(SlowReading, takes_as_long_as_the_rate_says) {
  World world;
  (*world.server)->script().on_connect().then(fault::read_slowly(1000));
  auto& client = world.connect();
  client.send(make_send(1, std::string(10'000, 'x')));
  world.run(9s);
  EXPECT_EQ(client.answer_to(1), nullptr);
  const std::uint64_t read = (*world.server)->find_connection(1)->bytes_read();
  EXPECT_GE(read, 8'900u);
  EXPECT_LE(read, 9'200u);
  world.run(3s);
  EXPECT_NE(client.answer_to(1), nullptr);
}

TEST(SlowReading, begins_with_the_request_that_was_struck) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSend).nth(2).then(fault::read_slowly(100));
  EXPECT_EQ(world.ask(client, make_send(1, std::string(1000, 'x'))).code, 0);
  EXPECT_EQ(world.ask(client, make_send(2, std::string(1000, 'x'))).code, 0);
  EXPECT_EQ(world.ask(client, make_send(3, std::string(1000, 'x'))).code, World::kNoAnswer);
  world.run(30s);
  EXPECT_NE(client.answer_to(3), nullptr);
}

TEST(LatePolls, delay_answers_to_long_polls_and_no_others) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_heartbeat(1, "c1", "group"));
  (*world.server)->set_late_polls(3s);
  client.send(make_typed(2, pull_of(0, protocol::kPullFlagSuspend, 60'000)));
  world.run();
  auto& sender = world.connect();
  EXPECT_EQ(world.ask(sender, make_send(1, "x")).code, 0);
  world.run(2900ms);
  EXPECT_EQ(client.answer_to(2), nullptr);
  world.run(200ms);
  ASSERT_NE(client.answer_to(2), nullptr);
  EXPECT_EQ(client.answer_to(2)->code, 0);
  EXPECT_EQ(world.ask(client, make_typed(3, pull_of(0))).code, 0);
}

TEST(ClockJump, shows_in_store_timestamps_and_outlives_a_crash) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_send(1, "x"));
  (*world.server)->jump_clock(-1h);
  world.ask(client, make_send(2, "x"));
  (*world.server)->crash(1s, Memory::kept);
  world.run(2s);
  world.ask(world.connect(), make_send(3, "x"));
  const auto messages = (*world.server)->store().messages("orders");
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_LT(messages[1].store_ms, messages[0].store_ms - 3'500'000);
  EXPECT_LT(messages[2].store_ms, messages[0].store_ms - 3'500'000);
}

TEST(RuleText, knows_every_fault) {
  const std::pair<const char*, Fault> cases[] = {
      {"any out_of_order", fault::out_of_order()},
      {"any go_dumb", fault::go_dumb()},
      {"any hold", fault::hold()},
      {"any read_rate=100", fault::read_slowly(100)},
      {"any delay=2s", fault::delay(2s)},
      {"any delay_ms=2000", fault::delay(2s)},
      {"any stall=1m", fault::stall_reading(1min)},
      {"any crash=250ms", fault::crash(250ms)},
      {"any crash_lost=1s", fault::crash(1s, Memory::lost)},
      {"any error=2 remark=\"system busy, try later\"", fault::error(2, "system busy, try later")},
      {"any remark='no \"disk\"' error=14", fault::error(14, "no \"disk\"")},
      {"any run='fault all any error=2 remark=\"a b\"'",
       fault::run("fault all any error=2 remark=\"a b\"")},
      {"any cut_half\tdelay=1ms", fault::cut_half() | fault::delay(1ms)},
  };
  transport::SeededRandom random(1);
  for (const auto& [line, expected] : cases) {
    Script script;
    ASSERT_TRUE(add_rule(line, &script).ok()) << line;
    EXPECT_EQ(script.next_for_request(310, 1, random), expected) << line;
  }
}

TEST(RuleText, names_what_is_wrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"any cut remark=x", "remark without error or recode"},
      {"any remark=\"x", "has no end"},
      {"any read_rate=0", "read_rate=0"},
      {"any delay=-1s", "delay=-1s"},
      {"any delay=1h", "delay=1h"},
      {"any go_dumb=1", "go_dumb=1"},
      {"any garbage=2000000000", "garbage=2000000000"},
  };
  Script script;
  for (const auto& [line, words] : cases) {
    const auto status = add_rule(line, &script);
    ASSERT_FALSE(status.ok()) << line;
    EXPECT_THAT(status.error().message, ::testing::HasSubstr(words));
  }
  EXPECT_FALSE(add_rule("any " + std::string(100'000, 'x'), &script).ok());
  EXPECT_EQ(script.size(), 0u);
}

}  // namespace
}  // namespace rmq::testbroker
