#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "config/config.h"

namespace rmq::config {
namespace {

using base::ErrorCode;
using Environment = std::vector<EnvironmentVariable>;

// A directory of its own per test, removed with it.
class PropertiesFile : public testing::Test {
 protected:
  PropertiesFile() {
    std::string name = (std::filesystem::temp_directory_path() / "rmq_config_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~PropertiesFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text) const {
    const std::string path = (folder_ / "client.properties").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path folder_;
};

TEST(ConfigEnvironment, sets_each_option_by_its_name_in_capitals) {
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    if (info.default_value == nullptr) continue;
    std::string name = "ROCKETMQ_";
    for (char c : info.name) name.push_back(static_cast<char>(std::toupper(c)));
    Config config;
    const auto unknown = config.load_environment(Environment{{name, info.default_value}});
    if (info.is_code_only) {
      EXPECT_EQ(unknown.error().code, ErrorCode::OPTION_VALUE) << name;
      continue;
    }
    ASSERT_TRUE(unknown.ok()) << unknown.error().message;
    EXPECT_TRUE(unknown.value().empty()) << name;
    EXPECT_TRUE(config.is_set(info.id)) << name;
  }
}

TEST(ConfigEnvironment, names_the_variable_of_a_bad_value_and_changes_nothing) {
  Config config;
  const auto refused = config.load_environment(
      Environment{{"ROCKETMQ_MAX_INFLIGHT", "7"}, {"ROCKETMQ_SEND_MSG_TIMEOUT", "soon"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::OPTION_VALUE);
  EXPECT_TRUE(refused.error().message.starts_with(
      "environment variable ROCKETMQ_SEND_MSG_TIMEOUT: option send_msg_timeout: got `soon`"))
      << refused.error().message;
  EXPECT_FALSE(config.is_set(OptionId::kMaxInflight));
}

TEST(ConfigEnvironment, reports_unknown_variables_without_failing) {
  Config config;
  const auto unknown = config.load_environment(Environment{{"ROCKETMQ_HOME", "/opt/rocketmq"},
                                                           {"ROCKETMQ_max_inflight", "7"},
                                                           {"ROCKETMQ_", "x"},
                                                           {"PATH", "/bin"},
                                                           {"ROCKETMQ_LANGUAGE", "go"}});
  ASSERT_TRUE(unknown.ok()) << unknown.error().message;
  EXPECT_EQ(unknown.value(),
            (std::vector<std::string>{"ROCKETMQ_HOME", "ROCKETMQ_max_inflight", "ROCKETMQ_"}));
  EXPECT_EQ(config.get("language").value(), "go");
}

TEST(ConfigEnvironment, takes_namesrv_addr_only_when_nothing_else_names_one) {
  const Environment only_plain = {{"NAMESRV_ADDR", "a:1"}};
  const Environment plain_first = {{"NAMESRV_ADDR", "a:1"}, {"ROCKETMQ_NAMESRV_ADDR", "b:2"}};
  const Environment plain_last = {{"ROCKETMQ_NAMESRV_ADDR", "b:2"}, {"NAMESRV_ADDR", "a:1"}};
  Config config;
  ASSERT_TRUE(config.load_environment(only_plain).ok());
  EXPECT_EQ(config.get("namesrv_addr").value(), "a:1");
  for (const Environment& environment : {plain_first, plain_last}) {
    Config both;
    ASSERT_TRUE(both.load_environment(environment).ok());
    EXPECT_EQ(both.get("namesrv_addr").value(), "b:2");
  }
  Config set;
  ASSERT_TRUE(set.set("namesrv_addr", "c:3").ok());
  ASSERT_TRUE(set.load_environment(only_plain).ok());
  EXPECT_EQ(set.get("namesrv_addr").value(), "c:3");
}

TEST(ConfigEnvironment, ignores_empty_variables) {
  Config config;
  ASSERT_TRUE(
      config.load_environment(Environment{{"ROCKETMQ_NAMESPACE", ""}, {"NAMESRV_ADDR", " \n"}})
          .ok());
  EXPECT_FALSE(config.is_set(OptionId::kNamespace));
  EXPECT_FALSE(config.is_set(OptionId::kNamesrvAddr));
}

TEST(ConfigEnvironment, never_repeats_a_secret) {
  Config config;
  const auto refused = config.load_environment(
      Environment{{"ROCKETMQ_SECRET_KEY", "hunter2" + std::string(5000, 'x')}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos);
}

TEST(ConfigEnvironment, is_for_all_objects_so_no_variable_is_misplaced) {
  Config config;
  ASSERT_TRUE(config
                  .load_environment(Environment{{"ROCKETMQ_PRODUCER_GROUP", "p"},
                                                {"ROCKETMQ_CONSUMER_GROUP", "c"},
                                                {"ROCKETMQ_TLS_ENABLE", "true"}})
                  .ok());
  for (const Owner owner : kOwners) EXPECT_TRUE(config.check_for(owner).ok());
}

TEST(ConfigEnvironment, reads_the_variables_of_the_process) {
  ASSERT_EQ(::setenv("ROCKETMQ_UNIT_NAME", "u=1", 1), 0);
  Config config;
  const auto done = config.load_environment(read_process_environment());
  ::unsetenv("ROCKETMQ_UNIT_NAME");
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(config.get("unit_name").value(), "u=1");
}

// Code, the environment and a file; what is not to be had from code goes through the others.
TEST(ConfigDoors, give_one_value_one_meaning) {
  const std::pair<OptionId, std::string> cases[] = {
      {OptionId::kNamesrvAddr, "host:9876\n"},
      {OptionId::kNamesrvAddr, "host:9876\r\n"},
      {OptionId::kNamesrvAddr, "127.0.0.1: 9876;127.0.0.1: 9877"},
      {OptionId::kNamesrvAddr, "\xef\xbb\xbfhost:9876"},
      {OptionId::kNamesrvAddr, "\xc2\xa0host:9876"},
      {OptionId::kNamesrvAddr,
       "a:9876\xef\xbc\x9b"
       "b:9876"},
      {OptionId::kConsumeTimeout, "5s\n"},
      {OptionId::kConsumeTimeout, " 5s"},
      {OptionId::kTlsEnable, "true\n"},
      {OptionId::kConsumeFromWhere, "LAST\n"},
      {OptionId::kTlsKeyPassword, "secret\n"},
      {OptionId::kTlsKeyPassword, "secret\xc2\xa0"},
      {OptionId::kTlsKeyPassword, "secret\x01"},
      {OptionId::kTlsCaFile, "/etc/ca.pem \r\n"},
      {OptionId::kInstanceName, " a b\t"},
  };
  for (const auto& [id, value] : cases) {
    const std::string_view name = option_info(id).name;
    std::string variable = "ROCKETMQ_";
    for (char c : name) variable.push_back(static_cast<char>(std::toupper(c)));
    Config code, environment, file;
    const auto by_code = code.set(name, value);
    const auto by_environment = environment.load_environment(Environment{{variable, value}});
    const auto by_file = file.load_properties(std::string(name) + " = " + value, "file");
    SCOPED_TRACE(std::string(name) + " = " + value);
    EXPECT_EQ(by_code.ok(), by_environment.ok());
    EXPECT_EQ(by_code.ok(), by_file.ok());
    EXPECT_EQ(code.text(id), environment.text(id));
    EXPECT_EQ(code.text(id), file.text(id));
  }
}

TEST(ConfigProperties, reads_names_values_and_comments) {
  Config config;
  const auto done = config.load_properties(
      "\xef\xbb\xbf# a comment\r\n"
      "! another\r\n"
      "\r\n"
      "  namesrv_addr = a:1;b:2  \r\n"
      "store_path=/var/lib/x=y # not a comment\n"
      "max_inflight\t=\t5\n"
      "max_inflight = 6",
      "client.properties");
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(config.get("namesrv_addr").value(), "a:1;b:2");
  EXPECT_EQ(config.get("store_path").value(), "/var/lib/x=y # not a comment");
  EXPECT_EQ(config.integer(OptionId::kMaxInflight), 6);
}

TEST(ConfigProperties, names_source_and_line_of_a_mistake_and_changes_nothing) {
  const std::pair<std::string, std::pair<ErrorCode, std::string>> cases[] = {
      {"max_inflight = 5\n\nnamesrvAddr = a:1\n",
       {ErrorCode::OPTION_UNKNOWN,
        "`x.properties` line 3: no option is named `namesrvAddr`; did you mean `namesrv_addr`?"}},
      {"# c\nmax_inflight = 0",
       {ErrorCode::OPTION_VALUE,
        "`x.properties` line 2: option max_inflight: got `0`, expected a whole number from 1 to "
        "1048576 (operations)"}},
      {"max_inflight 5",
       {ErrorCode::OPTION_VALUE, "`x.properties` line 1: expected `name = value`"}},
      {"= 5", {ErrorCode::OPTION_UNKNOWN, "`x.properties` line 1: no option is named ``"}},
  };
  for (const auto& [text, expected] : cases) {
    Config config;
    const auto refused = config.load_properties(text, "x.properties");
    ASSERT_EQ(refused.code(), expected.first) << text;
    EXPECT_EQ(refused.error().message, expected.second);
    EXPECT_FALSE(config.is_set(OptionId::kMaxInflight));
  }
}

TEST(ConfigProperties, bounds_the_text) {
  Config config;
  std::string text(Config::kPropertiesBytesMax, '#');
  EXPECT_TRUE(config.load_properties(text, "big").ok());
  text.push_back('#');
  EXPECT_EQ(config.load_properties(text, "big").code(), ErrorCode::OPTION_VALUE);
}

TEST(ConfigProperties, are_misplaced_as_any_option_is) {
  Config config;
  ASSERT_TRUE(config.load_properties("producer_group = p\nconsumer_group = c\n", "x").ok());
  for (const Owner owner : kOwners) EXPECT_TRUE(config.check_beside(config, owner).ok());
  EXPECT_EQ(config.check_beside(Config(), Owner::kProducer).code(), ErrorCode::OPTION_PLACE);
}

TEST_F(PropertiesFile, is_loaded_as_a_whole) {
  const std::string path = write("tls_enable = true\nconnect_timeout = 7s\n");
  Config config;
  const auto done = config.load_file(path);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_TRUE(config.boolean(OptionId::kTlsEnable));
  EXPECT_EQ(config.get("connect_timeout").value(), "7000");
}

TEST_F(PropertiesFile, says_what_is_wrong_with_it) {
  Config config;
  EXPECT_EQ(config.load_file((folder_ / "absent").string()).code(), ErrorCode::FILE);
  EXPECT_EQ(config.load_file(folder_.string()).code(), ErrorCode::FILE);
  EXPECT_EQ(config.load_file("").code(), ErrorCode::FILE);
  EXPECT_EQ(config.load_file(std::string_view("a\0b", 3)).code(), ErrorCode::FILE);
  EXPECT_EQ(config.load_file("/dev/zero").code(), ErrorCode::FILE);
  EXPECT_EQ(config.load_file(write(std::string(Config::kPropertiesBytesMax + 1, '#'))).code(),
            ErrorCode::FILE);
  const auto refused = config.load_file(write("\nx = 1\n"));
  ASSERT_EQ(refused.code(), ErrorCode::OPTION_UNKNOWN);
  EXPECT_NE(refused.error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace rmq::config
