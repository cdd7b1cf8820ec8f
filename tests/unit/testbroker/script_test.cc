// Each fault does what it says, to the requests that its rule names and to no other.
#include "testbroker_fixture.h"

namespace rmq::testbroker {
namespace {

constexpr auto kSendRequest = RequestCode::SEND_MESSAGE_V2;

std::size_t stored(World& world) { return (*world.server)->store().messages("orders").size(); }

TEST(Script, strikes_the_nth_request_of_a_code_only) {
  World world;
  auto& client = world.connect();
  const Rule& rule =
      (*world.server)->script().on(kSendRequest).nth(2).then(fault::error(2, "busy"));
  EXPECT_EQ(world.ask(client, make_send(1, "a")).code, 0);
  EXPECT_EQ(world.ask(client, make_route_request(2, "orders")).code, 0);
  const auto struck = world.ask(client, make_send(3, "b"));
  EXPECT_EQ(struck.code, 2);
  EXPECT_EQ(struck.remark, "busy");
  EXPECT_EQ(world.ask(client, make_send(4, "c")).code, 0);
  EXPECT_EQ(stored(world), 2u);
  EXPECT_EQ(rule.seen(), 3u);
  EXPECT_EQ(rule.hits(), 1u);
}

TEST(Script, may_be_about_one_connection_the_first_few_or_every_other_request) {
  World world;
  auto& script = (*world.server)->script();
  script.on_any().on_connection(2).first(1).then(fault::error(14));
  script.on(RequestCode::GET_ROUTEINFO_BY_TOPIC).every(2).then(fault::error(1));
  auto& one = world.connect();
  world.run();
  auto& two = world.connect();
  world.run();
  EXPECT_EQ(world.ask(one, make_send(1, "a")).code, 0);
  EXPECT_EQ(world.ask(two, make_send(1, "a")).code, 14);
  EXPECT_EQ(world.ask(two, make_send(2, "a")).code, 0);
  EXPECT_EQ(world.ask(one, make_route_request(2, "orders")).code, 0);
  EXPECT_EQ(world.ask(one, make_route_request(3, "orders")).code, 1);
  EXPECT_EQ(world.ask(one, make_route_request(4, "orders")).code, 0);
}

TEST(Fault, delay_answers_on_time_and_not_before) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).then(fault::delay(3s));
  client.send(make_send(1, "late"));
  world.run(2900ms);
  EXPECT_EQ(stored(world), 1u);
  EXPECT_EQ(client.answer_to(1), nullptr);
  world.run(200ms);
  ASSERT_NE(client.answer_to(1), nullptr);
  EXPECT_EQ((*world.server)->waiting_bytes(), 0u);
}

TEST(Fault, no_answer_does_the_work_and_drop_request_does_not) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).nth(1).then(fault::no_answer());
  (*world.server)->script().on(kSendRequest).nth(2).then(fault::drop_request());
  EXPECT_EQ(world.ask(client, make_send(1, "kept")).code, World::kNoAnswer);
  EXPECT_EQ(world.ask(client, make_send(2, "lost")).code, World::kNoAnswer);
  ASSERT_EQ(stored(world), 1u);
  EXPECT_EQ((*world.server)->store().messages("orders")[0].body, "kept");
  EXPECT_TRUE(client.is_open());
}

TEST(Fault, recode_keeps_work_and_fields) {
  World world;
  (*world.server)->script().on(kSendRequest).then(fault::recode(10));
  const auto answer = world.ask(world.connect(), make_send(1, "x"));
  EXPECT_EQ(answer.code, 10);
  EXPECT_EQ(test::find_field(answer, "queueOffset"), "0");
  EXPECT_EQ(stored(world), 1u);
}

TEST(Fault, cut_half_sends_half_a_frame_and_closes) {
  World world;
  auto& client = world.connect();
  auto& reference = world.connect();
  world.ask(reference, make_send(1, "x"));
  (*world.server)->script().on(kSendRequest).then(fault::cut_half());
  client.send(make_send(1, "x"));
  world.run();
  EXPECT_EQ(client.bytes().size(), reference.bytes().size() / 2);
  EXPECT_FALSE(client.is_open());
  ASSERT_TRUE(client.end());
  EXPECT_TRUE(reference.is_open());
}

TEST(Fault, cut_after_counts_bytes_of_that_answer_and_lets_earlier_ones_through) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).nth(2).then(fault::cut_after(5));
  client.send(make_send(1, "x"));
  client.send(make_send(2, "x"));
  client.send(make_send(3, "never read"));
  world.run();
  ASSERT_EQ(client.answers().size(), 1u);
  std::string first;
  wire::append_frame(client.answers()[0], &first);
  EXPECT_EQ(client.bytes().size(), first.size() + 5);
  EXPECT_FALSE(client.is_open());
  EXPECT_EQ(stored(world), 2u);
}

TEST(Fault, cut_closes_before_the_answer_and_with_drop_request_before_the_work) {
  World world;
  (*world.server)->script().on(kSendRequest).nth(1).then(fault::cut());
  (*world.server)->script().on(kSendRequest).nth(2).then(fault::drop_request() | fault::cut());
  auto& one = world.connect();
  one.send(make_send(1, "x"));
  world.run();
  auto& two = world.connect();
  two.send(make_send(1, "x"));
  world.run();
  EXPECT_FALSE(one.is_open());
  EXPECT_FALSE(two.is_open());
  EXPECT_EQ(one.bytes() + two.bytes(), "");
  EXPECT_EQ(stored(world), 1u);
}

TEST(Fault, duplicate_answers_twice) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).then(fault::duplicate());
  world.ask(client, make_send(7, "x"));
  ASSERT_EQ(client.answers().size(), 2u);
  EXPECT_EQ(client.answers()[0].opaque, 7);
  EXPECT_EQ(client.answers()[1].opaque, 7);
  EXPECT_EQ(stored(world), 1u);
}

TEST(Fault, held_answers_come_in_the_order_of_their_release) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).first(3).then(fault::hold());
  for (std::int32_t i = 1; i <= 4; ++i) client.send(make_send(i, "x"));
  world.run(10s);
  EXPECT_EQ((*world.server)->held_count(), 3u);
  (*world.server)->release_held(Release::reversed);
  world.run();
  std::vector<std::int32_t> opaques;
  for (const auto& answer : client.answers()) opaques.push_back(answer.opaque);
  EXPECT_THAT(opaques, testing::ElementsAre(4, 3, 2, 1));
  EXPECT_EQ((*world.server)->waiting_bytes(), 0u);
}

TEST(Fault, held_answers_for_connections_that_are_gone_are_forgotten) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).then(fault::hold());
  client.send(make_send(1, "x"));
  world.run();
  client.close();
  world.run();
  (*world.server)->release_held();
  EXPECT_EQ((*world.server)->held_count(), 0u);
  EXPECT_EQ((*world.server)->waiting_bytes(), 0u);
}

TEST(Fault, garbage_takes_the_place_of_the_answer) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).then(fault::garbage(100));
  client.send(make_send(1, "x"));
  world.run();
  EXPECT_EQ(client.bytes().size(), 100u);
}

TEST(Fault, stall_reading_leaves_later_requests_unread_for_so_long) {
  World world;
  auto& client = world.connect();
  (*world.server)->script().on(kSendRequest).nth(1).then(fault::stall_reading(5s));
  client.send(make_send(1, "x"));
  client.send(make_send(2, "x"));
  world.run(4900ms);
  EXPECT_NE(client.answer_to(1), nullptr);
  EXPECT_EQ(client.answer_to(2), nullptr);
  EXPECT_EQ(stored(world), 1u);
  world.run(200ms);
  EXPECT_NE(client.answer_to(2), nullptr);
}

TEST(Fault, may_strike_a_connection_as_it_comes) {
  World world;
  auto& script = (*world.server)->script();
  script.on_connect().nth(1).then(fault::cut());
  script.on_connect().nth(2).then(fault::cut_after(300));
  script.on_connect().nth(3).then(fault::garbage(64));
  auto& refused = world.connect();
  world.run();
  EXPECT_FALSE(refused.is_open());
  auto& limited = world.connect();
  for (std::int32_t i = 1; i <= 5; ++i) limited.send(make_send(i, "x"));
  world.run();
  EXPECT_FALSE(limited.is_open());
  EXPECT_EQ(limited.bytes().size(), 300u);
  auto& garbled = world.connect();
  world.run();
  EXPECT_EQ(garbled.bytes().size(), 64u);
}

TEST(Fault, crash_cuts_everybody_and_the_server_is_back_on_its_port) {
  World world;
  auto& client = world.connect();
  auto& other = world.connect();
  (*world.server)->script().on(kSendRequest).nth(2).then(fault::crash(2s));
  world.ask(client, make_send(1, "x"));
  client.send(make_send(2, "x"));
  world.run();
  EXPECT_FALSE(client.is_open());
  EXPECT_FALSE(other.is_open());
  auto& early = world.connect();
  world.run();
  ASSERT_TRUE(early.end());
  EXPECT_EQ(early.end()->code, base::ErrorCode::REFUSED);
  world.run(2s);
  auto& later = world.connect();
  EXPECT_EQ(test::find_field(world.ask(later, make_send(3, "x")), "queueOffset"), "2");
}

TEST(Fault, crash_without_memory_forgets_messages_and_created_topics) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_send(1, "x"));
  world.ask(client, make_send(2, "x", "fresh"));
  (*world.server)->crash(1s, Memory::lost);
  world.run(2s);
  auto& later = world.connect();
  EXPECT_EQ(test::find_field(world.ask(later, make_send(3, "x")), "queueOffset"), "0");
  EXPECT_EQ(world.ask(later, make_route_request(4, "fresh")).code, 17);
  EXPECT_EQ(world.ask(later, make_route_request(5, "orders")).code, 0);
}

TEST(Server, that_stopped_listening_refuses_newcomers_and_keeps_its_connections) {
  World world;
  auto& client = world.connect();
  world.run();
  (*world.server)->stop_listening();
  auto& refused = world.connect();
  world.run();
  EXPECT_TRUE(refused.end());
  EXPECT_EQ(world.ask(client, make_send(1, "x")).code, 0);
  ASSERT_TRUE((*world.server)->start().ok());
  EXPECT_EQ(world.ask(world.connect(), make_send(1, "x")).code, 0);
}

TEST(Server, that_is_paused_accepts_and_neither_reads_nor_answers) {
  World world;
  auto& client = world.connect();
  world.run();
  (*world.server)->pause();
  auto& newcomer = world.connect();
  client.send(make_send(1, "x"));
  newcomer.send(make_send(2, "x"));
  world.run(60s);
  EXPECT_TRUE(newcomer.is_open());
  EXPECT_EQ(client.bytes() + newcomer.bytes(), "");
  EXPECT_EQ(stored(world), 0u);
  (*world.server)->resume();
  world.run();
  EXPECT_NE(client.answer_to(1), nullptr);
  EXPECT_NE(newcomer.answer_to(2), nullptr);
}

TEST(Server, listens_through_a_given_function_each_time_it_starts) {
  ServerOptions options;
  int times = 0;
  options.listen = [&times](transport::Loop& loop, const transport::SocketAddress& address,
                            transport::ListenerHandler& handler) {
    ++times;
    return loop.listen(address, handler);
  };
  World world(options);
  EXPECT_EQ(world.ask(world.connect(), make_send(1, "x")).code, 0);
  (*world.server)->crash(1s, Memory::kept);
  world.run(2s);
  EXPECT_EQ(world.ask(world.connect(), make_send(1, "x")).code, 0);
  EXPECT_EQ(times, 2);
}

TEST(Server, can_push_a_request_of_its_own) {
  World world;
  auto& client = world.connect();
  world.run();
  wire::Command notice =
      make_request(RequestCode::NOTIFY_CONSUMER_IDS_CHANGED, 1, {{"consumerGroup", "g"}});
  notice.flag = wire::kFlagOneway;
  EXPECT_TRUE((*world.server)->push(1, notice));
  EXPECT_FALSE((*world.server)->push(2, notice));
  world.run();
  ASSERT_EQ(client.answers().size(), 1u);
  EXPECT_EQ(client.answers()[0].code, 40);
}

}  // namespace
}  // namespace rmq::testbroker
