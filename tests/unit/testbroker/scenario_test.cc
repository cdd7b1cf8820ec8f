// Scenario files, and options as a line of text.
#include "testbroker/scenario.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "testbroker/cluster_text.h"
#include "tests/unit/testbroker/cluster_fixture.h"

namespace rmq::testbroker {
namespace {

using ::testing::HasSubstr;

class Scenarios : public ClusterWithSlaves {
 protected:
  std::string start(std::string_view text) {
    const auto steps = parse_scenario(text, "file");
    if (!steps.ok()) return steps.error().message;
    const auto status = run_scenario(steps.value(), cluster_.cluster(), schedule_);
    return status.ok() ? "" : status.error().message;
  }
  Schedule schedule_{cluster_.nameserver().loop()};
};

TEST_F(Scenarios, run_each_command_at_its_time) {
  EXPECT_EQ(start("# what goes wrong\n"
                  "\n"
                  "topic put fresh 8\r\n"
                  "  at 10s crash broker-a 5s\n"
                  "at 5s topic queues fresh 2"),
            "");
  EXPECT_EQ(master().state().find_topic("fresh")->write_queues, 8);
  run(6s);
  EXPECT_EQ(master().state().find_topic("fresh")->write_queues, 2);
  EXPECT_TRUE(master().is_up());
  run(5s);
  EXPECT_FALSE(master().is_up());
  run(5s);
  EXPECT_TRUE(master().is_up());
}

TEST_F(Scenarios, name_the_line_that_is_bad_before_any_is_run) {
  EXPECT_THAT(start("crash broker-a 1s\nat 5s fly\n"), HasSubstr("file:2: no command \"fly\""));
  EXPECT_THAT(start("crash broker-a 1s\nat soon cut broker-a\n"),
              HasSubstr("file:2: \"soon\" is no duration"));
  EXPECT_THAT(start("crash broker-a 1s\nat 5s"), HasSubstr("file:2: expected \"at <duration>"));
  EXPECT_THAT(start("crash broker-a 1s\n\nat 1s fault all any fly"), HasSubstr("file:3: rule"));
  EXPECT_THAT(start("crash broker-a 1s\ncut \"x"), HasSubstr("file:2: the quote"));
  EXPECT_TRUE(master().is_up());
}

TEST_F(Scenarios, note_what_fails_later) {
  EXPECT_EQ(start("at 1s topic queues nothing 3"), "");
  run(2s);
  EXPECT_THAT(command("stats"), HasSubstr("failures=1 last: file:1: topic: \"nothing\""));
}

TEST_F(Scenarios, have_a_bound) {
  std::string text;
  for (int i = 0; i < 10'001; ++i) text += "help\n";
  EXPECT_THAT(start(text), HasSubstr("file:10001: more commands than 10000"));
}

std::string refusal_of(const std::string& path) {
  const auto steps = read_scenario(path);
  return steps.ok() ? "" : steps.error().message;
}

class ScenarioFile : public ::testing::Test {
 protected:
  ~ScenarioFile() override { ::unlink(path_.c_str()); }
  void write(const std::string& text) { std::ofstream(path_) << text; }

  const std::string path_ = ::testing::TempDir() + "scenario_file." + std::to_string(::getpid());
};

TEST_F(ScenarioFile, is_read_up_to_a_mebibyte) {
  std::string text = "at 1s cut broker-a\n#";
  text.resize(kScenarioBytesMax, 'x');
  write(text);
  EXPECT_EQ(refusal_of(path_), "");
  write(text + "x");
  EXPECT_EQ(refusal_of(path_), "scenario " + path_ + ": longer than 1 MiB");
}

TEST_F(ScenarioFile, is_refused_with_what_is_wrong_with_it) {
  EXPECT_EQ(refusal_of("/no/such/file"), "scenario /no/such/file: no such file");
  EXPECT_EQ(refusal_of("/dev/zero"), "scenario /dev/zero: not a regular file");
  EXPECT_EQ(refusal_of("/"), "scenario /: not a regular file");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refusal_of(path_), "scenario " + path_ + ": not a regular file");
}

TEST(OptionText, sets_what_it_says) {
  const auto options = parse_cluster_options(
      "brokers=2 slaves=1 slave_lag=250ms slave_reads=false version=4.9.7 topic=orders:8 topic=t "
      "auto_create=false host=127.0.0.2 port=9876 separate_namesrv=true cluster=c "
      "broker_name=mine answers=json fault='any nth=3 cut' scenario=file");
  ASSERT_TRUE(options.ok()) << options.error().message;
  const ClusterOptions& read = options.value();
  EXPECT_EQ(read.brokers, 2u);
  EXPECT_EQ(read.slaves, 1u);
  EXPECT_EQ(read.slave_lag, 250ms);
  EXPECT_FALSE(read.first.slave_reads);
  EXPECT_EQ(read.first.version, kVersion497);
  ASSERT_EQ(read.first.topics.size(), 2u);
  EXPECT_EQ(read.first.topics[0].write_queues, 8);
  EXPECT_FALSE(read.first.create_topics);
  EXPECT_EQ(read.first.listen_address.to_text(), "127.0.0.2:9876");
  EXPECT_TRUE(read.separate_namesrv);
  EXPECT_EQ(read.first.cluster_name, "c");
  EXPECT_EQ(read.first.broker_name, "mine");
  EXPECT_EQ(read.first.answers, AnswerEncoding::json);
  EXPECT_THAT(read.rules, ::testing::ElementsAre("any nth=3 cut"));
  EXPECT_EQ(read.scenario, "file");
}

TEST(OptionText, takes_every_character_of_topics_for_a_broker_name) {
  const auto options = parse_cluster_options("broker_name=aZ0%|-_ host=::1");
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ(options.value().first.broker_name, "aZ0%|-_");
}

TEST(OptionText, names_the_word_that_is_bad_and_what_was_expected) {
  const std::pair<std::string, const char*> cases[] = {
      {"fly=1", "\"fly=1\": no such option; there are brokers, slaves"},
      {"brokers", "\"brokers\": expected name=value"},
      {"brokers=0", "\"brokers=0\": expected 1 to 200"},
      {"brokers=201", "expected 1 to 200"},
      {"slaves=9", "expected 0 to 8"},
      {"version=3.2.6", "expected 4.9.x or 5.x.y"},
      {"topic=:3", "expected name or name:queues"},
      {"host=localhost", "expected the IP address of one interface"},
      {"host=0.0.0.0", "\"host=0.0.0.0\": expected the IP address of one interface"},
      {"host=::", "expected the IP address of one interface"},
      {"broker_name=all", "broker_name: \"all\" where 1 to 255 letters, digits, %, |, - and _"},
      {"broker_name=namesrv", "other than all and namesrv"},
      {"broker_name='a b'", "broker_name: \"a b\" where"},
      {"broker_name=a.b", "broker_name: \"a.b\" where"},
      {"broker_name=\xc3\xa4", "broker_name: \"\xc3\xa4\" where"},
      {"port=70000", "expected 0 to 65535"},
      {"port=65535 brokers=2", "no room behind 65535"},
      {"auto_create=yes", "expected true or false"},
      {"answers=xml", "expected by_version, json or binary"},
      {"slave_lag=x", "expected a duration"},
      {"fault='any fly'", "\"fly\" is not understood"},
      {"advertise=a:1 slaves=1", "advertise: for one broker"},
      {"cluster=" + std::string(300, 'x'), "expected 1 to 255 bytes"},
      {"topic='x", "has no end"},
  };
  for (const auto& [line, words] : cases) {
    const auto options = parse_cluster_options(line);
    ASSERT_FALSE(options.ok()) << line;
    EXPECT_THAT(options.error().message, HasSubstr(words)) << line;
    EXPECT_LT(options.error().message.size(), 1000u);
  }
}

TEST(DurationText, is_a_number_with_a_unit) {
  EXPECT_EQ(parse_duration("5").value(), 5ms);
  EXPECT_EQ(parse_duration("5ms").value(), 5ms);
  EXPECT_EQ(parse_duration("5s").value(), 5s);
  EXPECT_EQ(parse_duration("5m").value(), 5min);
  for (const char* text : {"", "s", "ms", "-5s", "5h", "5 s", "999999999999999999s", "1e3"}) {
    EXPECT_FALSE(parse_duration(text).ok()) << text;
  }
}

}  // namespace
}  // namespace rmq::testbroker
