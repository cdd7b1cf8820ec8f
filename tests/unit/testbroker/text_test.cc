#include "testbroker/script_text.h"
#include "testbroker/text_options.h"
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
