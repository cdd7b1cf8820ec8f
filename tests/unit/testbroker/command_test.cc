// The command language: what each command does, and what it says of bad words.
#include <fstream>
#include <sstream>

#include "testbroker/cluster_text.h"
#include "testbroker/shown_text.h"
#include "tests/unit/testbroker/cluster_fixture.h"

namespace rmq::testbroker {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Command = ClusterWithSlaves;

wire::Command make_query(std::int32_t opaque) {
  return make_typed(opaque,
                    protocol::QueryConsumerOffsetRequest{.consumer_group = "g", .topic = "orders"});
}

TEST_F(Command, help_lists_every_command_with_its_arguments) {
  const std::string help = command("help");
  for (std::size_t i = 0; command_at(i) != nullptr; ++i) {
    EXPECT_THAT(help, HasSubstr(std::string(command_at(i)->name)));
    EXPECT_THAT(help, HasSubstr(std::string(command_at(i)->meaning)));
  }
}

TEST_F(Command, servers_lists_names_addresses_roles_and_states) {
  master().pause();
  slave().stop_listening();
  (*cluster_.broker(1)).stop();
  EXPECT_EQ(command("servers"),
            "namesrv 10.0.0.1:9876 namesrv up\n"
            "broker-a 10.0.1.1:10911 master paused\n"
            "broker-b 10.0.1.2:10911 master down\n"
            "broker-a-s1 10.1.1.1:10911 slave=1 refusing\n"
            "broker-b-s1 10.1.1.2:10911 slave=1 up\n");
}

TEST_F(Command, fault_strikes_one_server_or_all_until_faults_clear) {
  auto& a = connect(master());
  auto& b = connect(*cluster_.broker(1));
  EXPECT_EQ(command("fault broker-a SEND_MESSAGE_V2 error=2 remark=\"very busy\""), "");
  EXPECT_EQ(ask(a, make_send(1, "x")).remark, "very busy");
  EXPECT_EQ(ask(b, make_send(1, "x")).code, 0);
  EXPECT_EQ(command("fault all any error=14"), "");
  EXPECT_EQ(ask(b, make_send(2, "x")).code, 14);
  EXPECT_EQ(command("faults clear broker-b"), "");
  EXPECT_EQ(ask(b, make_send(3, "x")).code, 0);
  EXPECT_EQ(ask(a, make_send(3, "x")).code, 2);
  EXPECT_EQ(command("faults clear"), "");
  EXPECT_EQ(ask(a, make_send(4, "x")).code, 0);
}

TEST_F(Command, fault_refuses_more_rules_than_fit) {
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(command("fault broker-a any cut"), "");
  EXPECT_THAT(command("fault all any cut"), StartsWith("ERROR fault: broker-a has 1000 rules"));
  EXPECT_EQ(slave().script().size(), 0u);
}

TEST_F(Command, crash_takes_a_server_down_with_or_without_its_memory) {
  ask(master(), make_send(1, "x"));
  EXPECT_EQ(command("crash broker-a 2s"), "");
  EXPECT_FALSE(master().is_up());
  run(3s);
  EXPECT_TRUE(master().is_up());
  EXPECT_EQ(master().store().appended(), 1u);
  EXPECT_EQ(command("crash broker-a 100ms lost"), "");
  run(1s);
  EXPECT_TRUE(master().is_up());
  EXPECT_EQ(master().store().appended(), 0u);
}

TEST_F(Command, pause_and_resume_freeze_a_server) {
  auto& client = connect(master());
  run();
  EXPECT_EQ(command("pause broker-a"), "");
  EXPECT_EQ(ask(client, make_send(1, "x")).code, World::kNoAnswer);
  EXPECT_TRUE(client.is_open());
  EXPECT_EQ(command("resume broker-a"), "");
  run();
  EXPECT_NE(client.answer_to(1), nullptr);
}

TEST_F(Command, refuse_turns_newcomers_away_for_its_duration) {
  auto& client = connect(master());
  run();
  EXPECT_EQ(command("refuse broker-a 5s"), "");
  auto& early = connect(master());
  run();
  EXPECT_TRUE(early.end());
  EXPECT_EQ(ask(client, make_send(1, "x")).code, 0);
  run(5s);
  EXPECT_EQ(ask(master(), make_send(2, "x")).code, 0);
}

TEST_F(Command, refuse_does_not_put_a_broker_back_into_the_routes) {
  EXPECT_EQ(command("leave broker-b") + command("leave broker-b-s1"), "");
  EXPECT_EQ(command("refuse broker-b 1s"), "");
  run(2s);
  EXPECT_TRUE(addresses_of("broker-b").empty());
}

TEST_F(Command, cut_ends_all_connections_of_a_server) {
  auto& client = connect(master());
  auto& other = connect(slave());
  run();
  EXPECT_EQ(command("cut broker-a"), "");
  run();
  EXPECT_FALSE(client.is_open());
  EXPECT_TRUE(other.is_open());
}

TEST_F(Command, release_lets_held_answers_go) {
  auto& client = connect(master());
  command("fault broker-a SEND_MESSAGE_V2 first=2 hold");
  client.send(make_send(1, "x"));
  client.send(make_send(2, "x"));
  run();
  EXPECT_TRUE(client.answers().empty());
  EXPECT_EQ(command("release broker-a reversed"), "");
  run();
  ASSERT_EQ(client.answers().size(), 2u);
  EXPECT_EQ(client.answers()[0].opaque, 2);
}

TEST_F(Command, leave_and_join_change_the_routes) {
  EXPECT_EQ(command("leave broker-a"), "");
  EXPECT_FALSE(addresses_of("broker-a").contains(0));
  EXPECT_EQ(command("join broker-a"), "");
  EXPECT_TRUE(addresses_of("broker-a").contains(0));
  EXPECT_THAT(command("leave namesrv"), HasSubstr("a broker was expected"));
}

TEST_F(Command, topic_makes_resizes_and_removes_topics) {
  EXPECT_EQ(command("topic put fresh 3 4"), "");
  EXPECT_EQ(command("topic put single 2 6 broker-b"), "");
  const TopicConfig* fresh = master().state().find_topic("fresh");
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(fresh->write_queues, 3);
  EXPECT_EQ(fresh->perm, kPermRead);
  EXPECT_NE(slave().state().find_topic("fresh"), nullptr);
  EXPECT_EQ(master().state().find_topic("single"), nullptr);
  EXPECT_EQ(command("topic queues fresh 5"), "");
  EXPECT_EQ(master().state().find_topic("fresh")->read_queues, 5);
  EXPECT_EQ(master().state().find_topic("fresh")->perm, kPermRead);
  EXPECT_EQ(command("topic remove fresh"), "");
  EXPECT_EQ(master().state().find_topic("fresh"), nullptr);
  EXPECT_EQ(ask(*cluster_.nameserver(), make_route_request(1, "fresh")).code, 17);
  EXPECT_THAT(command("topic queues fresh 5"), HasSubstr("a topic that is there"));
}

TEST_F(Command, promote_has_a_slave_take_over) {
  EXPECT_EQ(command("promote broker-a"), "");
  EXPECT_TRUE(slave().is_master());
  EXPECT_EQ(command("promote broker-a-s1"), "");
  EXPECT_TRUE(master().is_master());
}

TEST_F(Command, lose_offset_forgets_what_was_committed) {
  auto& client = connect(master());
  ask(client, make_heartbeat(1, "c1", "g"));
  ask(client, make_send(2, "x"));
  ask(client, make_typed(3, protocol::UpdateConsumerOffsetRequest{
                                .consumer_group = "g", .topic = "orders", .commit_offset = 1}));
  EXPECT_EQ(command("offsets g"), "broker-a orders 0 1\n");
  EXPECT_EQ(test::find_field(ask(client, make_query(4)), "offset"), "1");
  EXPECT_EQ(command("lose_offset g orders 0"), "");
  EXPECT_EQ(test::find_field(ask(client, make_query(5)), "offset"), "0");
  EXPECT_EQ(command("offsets g"), "");
  EXPECT_THAT(command("lose_offset g orders 0"), HasSubstr("no broker has one"));
}

TEST_F(Command, clock_moves_the_time_of_all_servers) {
  const std::int64_t before = master().state().wall_ms();
  EXPECT_EQ(command("clock +5m") + command("clock -10s"), "");
  EXPECT_EQ(master().state().wall_ms(), before + 290'000);
  EXPECT_EQ(slave().state().wall_ms(), before + 290'000);
}

TEST_F(Command, late_polls_and_suggest_reach_the_pulls) {
  EXPECT_EQ(command("late_polls broker-a 1s") + command("suggest all 1"), "");
  auto& client = connect(master());
  ask(client, make_heartbeat(1, "c1", "group"));
  client.send(make_typed(2, pull_of(0, protocol::kPullFlagSuspend, 60'000)));
  run();
  ask(master(), make_send(1, "x"));
  EXPECT_EQ(client.answer_to(2), nullptr);
  run(1s);
  ASSERT_NE(client.answer_to(2), nullptr);
  EXPECT_EQ(test::find_field(*client.answer_to(2), "suggestWhichBrokerId"), "1");
}

TEST_F(Command, notify_tells_the_members_of_a_group) {
  auto& client = connect(master());
  ask(client, make_heartbeat(1, "c1", "g"));
  const auto before = count_of(client, RequestCode::NOTIFY_CONSUMER_IDS_CHANGED);
  EXPECT_EQ(command("notify g"), "");
  run();
  EXPECT_EQ(count_of(client, RequestCode::NOTIFY_CONSUMER_IDS_CHANGED), before + 1);
  EXPECT_THAT(command("notify nobody"), HasSubstr("a group with members"));
}

TEST_F(Command, messages_lists_what_masters_keep_or_one_server) {
  ask(master(), make_send(1, "four", "orders", 1,
                          "TAGS\x01"
                          "red\x02KEYS\x01"
                          "k1\x02"));
  ask(*cluster_.broker(1), make_send(1, "x"));
  EXPECT_EQ(command("messages orders"), "broker-a 1 0 red k1 4\nbroker-b 0 0 - - 1\n");
  EXPECT_EQ(command("messages orders 1"), "broker-a 1 0 red k1 4\n");
  EXPECT_EQ(command("messages orders 1 broker-a-s1"), "broker-a 1 0 red k1 4\n");
  EXPECT_EQ(command("messages nothing"), "");
}

TEST_F(Command, replies_keep_what_clients_chose_in_one_word_of_one_line) {
  ask(master(), make_send(1, "x", "orders", 0,
                          "TAGS\x01"
                          "a b\nOK\x02KEYS\x01"
                          "100%\x7f\xff\x02"));
  EXPECT_EQ(command("messages orders"), "broker-a 0 0 a%20b%0AOK 100%25%7F%FF 1\n");
  ask(master(), make_heartbeat(1, "c1\nOK", "g"));
  EXPECT_EQ(command("consumers g"), "broker-a 2 c1%0AOK\n");
}

TEST_F(Command, stats_tells_the_last_failure_in_one_line) {
  command("fault broker-a any run='promote \"x\ny\"'");
  ask(master(), make_route_request(1, "orders"));
  EXPECT_THAT(command("stats"), HasSubstr("last: fault: promote: \"x y\" where"));
}

TEST(ShownText, is_one_word) {
  EXPECT_EQ(shown(""), "-");
  EXPECT_EQ(shown("-"), "%2D");
  EXPECT_EQ(shown("a-b_%RETRY%"), "a-b_%25RETRY%25");
  EXPECT_EQ(shown(std::string_view("\0\t\r\n \x7f", 6)), "%00%09%0D%0A%20%7F");
  EXPECT_EQ(shown("\xc3\xa4\xf0\x9f\x98\x80"), "\xc3\xa4\xf0\x9f\x98\x80");
  EXPECT_EQ(shown("\xc3\xa4\xff"), "%C3%A4%FF");
  EXPECT_EQ(shown("\xc2\x85\xc2\xa0\xe2\x80\xa8"), "%C2%85%C2%A0%E2%80%A8");
}

TEST(ShownText, is_cut_at_the_end_of_a_character) {
  EXPECT_EQ(cut_text("ab", 2), "ab");
  EXPECT_EQ(cut_text("a\xc3\xa4", 2), "a");
  EXPECT_EQ(cut_text("a\xc3\xa4"
                     "b",
                     3),
            "a\xc3\xa4");
  EXPECT_EQ(cut_text("\xc3\xa4", 0), "");
}

TEST_F(Command, topic_is_put_on_all_masters_or_on_none) {
  int made = 0;
  while (made < 20'000 && command("topic put t" + std::to_string(made) + " 1 6 broker-b") == "")
    ++made;
  EXPECT_LT(made, 20'000);
  EXPECT_THAT(command("topic put fresh 1"),
              HasSubstr("broker-b has as many topics as it may have"));
  EXPECT_EQ(master().state().find_topic("fresh"), nullptr);
}

TEST_F(Command, replies_have_a_bound) {
  const std::string key(30'000, 'k');
  auto& client = connect(master());
  for (std::int32_t i = 0; i < 150; ++i) {
    client.send(make_send(i, "x", "orders", 0, "KEYS\x01" + key + "\x02"));
  }
  run(1s);
  const std::string reply = command("messages orders");
  EXPECT_LE(reply.size(), kReplyBytesMax);
  EXPECT_GE(reply.size(), kReplyBytesMax / 2);
  EXPECT_THAT(reply.substr(reply.size() - 50'000), HasSubstr("\n…\n"));
}

TEST_F(Command, consumers_lists_the_members_of_a_group) {
  ask(master(), make_heartbeat(1, "c1", "g"));
  EXPECT_EQ(command("consumers g"), "broker-a 1 c1\n");
}

TEST_F(Command, stats_counts_and_tells_what_failed_unattended) {
  auto& client = connect(master());
  ask(client, make_send(1, "x"));
  EXPECT_THAT(command("stats"), HasSubstr("broker-a connections=1 accepted=1 requests=1 answers=1 "
                                          "messages=1"));
  command("fault broker-a SEND_MESSAGE_V2 run='promote broker-b'");
  command("fault broker-a any run='crash nobody 1s'");
  ask(client, make_send(2, "x"));
  EXPECT_TRUE((*cluster_.slave(1)).is_master());
  ask(client, make_route_request(3, "orders"));
  EXPECT_THAT(command("stats"),
              HasSubstr("failures=1 last: fault: crash: \"nobody\" where one of"));
}

TEST_F(Command, that_is_bad_says_what_was_expected_and_changes_nothing) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "no command"},
      {"fly", "no command \"fly\""},
      {"crash", "expected \"crash <server> <duration> [lost]\""},
      {"crash broker-z 1s", "\"broker-z\" where one of namesrv, broker-a, broker-b"},
      {"crash broker-a soon", "\"soon\" where a duration"},
      {"crash broker-a 1s found", "\"lost\" was expected"},
      {"crash broker-a 1s lost now", "expected \"crash"},
      {"faults add", "\"clear\" was expected"},
      {"fault broker-a any fly", "\"fly\" is not understood"},
      {"topic make x 4", "put, remove or queues"},
      {"topic put x 0", "a number from 1 to 65535"},
      {"topic put x 4 9", "a number from 0 to 7"},
      {"topic put " + std::string(300, 'x') + " 4", "longer than 255"},
      {"clock soon", "+5m or -90s"},
      {"messages orders -1", "a number from 0"},
      {"suggest all x", "a number from 0 to 1000"},
      {"pause \"broker-a", "has no end"},
      {"cut " + std::string(100'000, 'x'), "at most 16384 bytes"},
  };
  for (const auto& [line, words] : cases) {
    const std::string said = command(line);
    EXPECT_THAT(said, StartsWith("ERROR ")) << line;
    EXPECT_THAT(said, HasSubstr(words)) << line;
    EXPECT_LT(said.size(), 1000u);
  }
  EXPECT_TRUE(master().is_up());
}

// --- The page ----------------------------------------------------------------------------------

std::string read_page() {
  std::ifstream file(RMQ_TESTBROKER_PAGE);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string escape_bars(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// Table lines of one section.
std::vector<std::string> rows_of(const std::string& page, const std::string& heading) {
  std::istringstream lines(page.substr(page.find(heading) + heading.size()));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line) && !line.starts_with("## ");) {
    if (line.starts_with("| `")) rows.push_back(line);
  }
  return rows;
}

TEST(TestbrokerPage, lists_the_options_and_commands_of_the_tables) {
  const std::string page = read_page();
  std::vector<std::string> options;
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& option = *option_at(i);
    options.push_back("| `" + std::string(option.name) + "` | " + std::string(option.value) +
                      " | " + std::string(option.meaning) + " |");
  }
  EXPECT_EQ(rows_of(page, "## Options"), options);
  std::vector<std::string> commands;
  for (std::size_t i = 0; command_at(i) != nullptr; ++i) {
    const CommandInfo& info = *command_at(i);
    std::string words(info.name);
    if (!info.arguments.empty()) words += " " + escape_bars(info.arguments);
    commands.push_back("| `" + words + "` | " + std::string(info.meaning) + " |");
  }
  EXPECT_EQ(rows_of(page, "## Commands"), commands);
}

}  // namespace
}  // namespace rmq::testbroker
