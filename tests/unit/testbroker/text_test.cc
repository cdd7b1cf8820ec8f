#include "testbroker/script_text.h"
#include "testbroker/text_options.h"
#include "testbroker/words.h"
#include "testbroker_fixture.h"

namespace rmq::testbroker {
namespace {

TEST(ScriptText, makes_the_rule_that_it_says) {
  World world;
  auto& script = (*world.server)->script();
  ASSERT_TRUE(add_rule("SEND_MESSAGE_V2 nth=2 error=14", &script).ok());
  ASSERT_TRUE(add_rule("105 connection=1 delay_ms=50 duplicate", &script).ok());
  auto& client = world.connect();
  EXPECT_EQ(world.ask(client, make_send(1, "x")).code, 0);
  EXPECT_EQ(world.ask(client, make_send(2, "x")).code, 14);
  EXPECT_EQ(world.ask(client, make_route_request(3, "orders")).code, World::kNoAnswer);
  world.run(60ms);
  EXPECT_EQ(client.answers().size(), 4u);
}

TEST(ScriptText, names_the_word_that_it_does_not_understand) {
  transport::SeededRandom random(1);
  Script script;
  for (const char* line : {"", "SEND nth=1 cut", "any", "any nth=1", "any nth=0 cut",
                           "any nth=x cut", "any chance=2 cut", "any chance= cut", "any cut_after",
                           "any cut_after=-1", "any fly", "any delay_ms=99999999999"}) {
    const auto status = add_rule(line, &script);
    ASSERT_FALSE(status.ok()) << line;
    EXPECT_EQ(status.code(), base::ErrorCode::ARGUMENT);
  }
  EXPECT_EQ(script.next_for_request(310, 1, random), Fault());
}

TEST(ScriptText, says_what_was_expected_in_place_of_a_word) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "expected a request's name or number, any or connect"},
      {"SEND cut", "\"SEND\" is not understood here: expected a request's name or number, any or"},
      {"any nth=0 cut", "\"nth=0\" is not understood here: expected a number from 1"},
      {"any first=x cut", "expected a number from 1"},
      {"any every cut", "expected a number from 1"},
      {"any chance=2 cut", "expected a number from 0 to 1"},
      {"any delay=soon", "expected a duration such as 50ms"},
      {"any delay", "expected a duration such as 50ms"},
      {"any crash_lost_ms=x", "expected a duration such as 50ms"},
      {"any cut_after=-1", "expected a number of bytes from 0"},
      {"any read_rate=0", "expected a number of bytes from 1"},
      {"any error=busy", "expected a response code"},
      {"any cut=5", "expected this word without a value"},
      {"any run=", "expected a command in quotes"},
      {"any remark", "expected a text"},
      {"any fly", "expected which requests, such as nth=3, or a fault"},
      {"any nth=1", "no fault: expected one such as no_answer"},
      {"any cut remark=x", "remark without error or recode"},
  };
  Script script;
  for (const auto& [line, words] : cases) {
    const auto status = add_rule(line, &script);
    ASSERT_FALSE(status.ok()) << line;
    EXPECT_THAT(status.error().message, ::testing::HasSubstr(words)) << line;
  }
  EXPECT_EQ(script.size(), 0u);
}

TEST(ScriptText, refuses_faults_that_cannot_happen_to_a_connection_that_comes) {
  Script script;
  for (const char* fault :
       {"no_answer", "drop_request", "error=2", "recode=2", "duplicate", "out_of_order", "hold",
        "delay=1s", "cut_half", "damage=1", "damage_at=0"}) {
    const auto status = add_rule(std::string("connect stall=1s ") + fault, &script);
    ASSERT_FALSE(status.ok()) << fault;
    EXPECT_THAT(status.error().message,
                ::testing::HasSubstr("cannot happen to a connection that comes: connect takes"));
    EXPECT_THAT(status.error().message, ::testing::HasSubstr(fault));
  }
  EXPECT_EQ(script.size(), 0u);
  for (const char* fault : {"garbage=5", "cut", "cut_after=5", "go_dumb", "stall=1s", "read_rate=5",
                            "crash=1s", "crash_lost=1s", "run='help'", "cut_after=9 garbage=4"}) {
    EXPECT_TRUE(add_rule(std::string("connect nth=2 ") + fault, &script).ok()) << fault;
  }
}

TEST(Words, are_separated_by_line_ends_too) {
  const auto words = split_words("a=1\nb='2\n3'\r\n\tc");
  ASSERT_TRUE(words.ok());
  ASSERT_EQ(words.value().size(), 3u);
  EXPECT_EQ(words.value()[1].value(), "2\n3");
  EXPECT_EQ(words.value()[2].text, "c");
}

TEST(TextOptions, versions_become_the_numbers_of_the_server) {
  EXPECT_EQ(parse_version("4.9.7"), 407);
  EXPECT_EQ(parse_version("4.9.3"), 399);
  EXPECT_EQ(parse_version("5.0.0"), 413);
  EXPECT_EQ(parse_version("5.3.1"), 475);
  EXPECT_EQ(parse_version("5.4.0"), 493);
  for (const char* text : {"", "5", "4.8.0", "6.0.0", "5.4.x", "5.4.00", "5-4-0"}) {
    EXPECT_FALSE(parse_version(text)) << text;
  }
}

TEST(TextOptions, topics_have_a_name_and_may_have_a_number_of_queues) {
  EXPECT_EQ(parse_topic("t")->write_queues, 4);
  EXPECT_EQ(parse_topic("t:16")->read_queues, 16);
  for (const char* text : {"", ":4", "t:", "t:0", "t:x", "t:65536", "t:99999999999"}) {
    EXPECT_FALSE(parse_topic(text)) << text;
  }
}

}  // namespace
}  // namespace rmq::testbroker
