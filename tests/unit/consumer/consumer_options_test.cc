#include "consumer/consumer_options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace rmq::consumer {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

ConsumerOptions read(const std::vector<std::pair<std::string, std::string>>& values) {
  config::Config config;
  EXPECT_TRUE(config.set("consumer_group", "readers").ok());
  for (const auto& [name, value] : values) EXPECT_TRUE(config.set(name, value).ok()) << name;
  auto options = ConsumerOptions::read(config, config);
  EXPECT_TRUE(options.ok());
  return options.take_value();
}

TEST(ConsumerOptions, tell_errors_unless_they_are_told_not_to) {
  EXPECT_TRUE(read({}).tells_errors);
  EXPECT_TRUE(read({{"events", "error"}}).tells_errors);
  EXPECT_FALSE(read({{"events", "none"}}).tells_errors);
}

TEST(ConsumerOptions, are_those_of_java_when_nothing_is_set) {
  const ConsumerOptions options = read({});
  EXPECT_EQ(options.group, "readers");
  EXPECT_TRUE(options.unsupported.empty());
  EXPECT_EQ(options.consume_from_where, protocol::ConsumeFromWhere::last_offset);
  EXPECT_EQ(options.pull_batch_size, 32);
  EXPECT_EQ(options.queue_limits.messages, 1000u);
  EXPECT_EQ(options.queue_limits.bytes, 100u * 1024 * 1024);
  EXPECT_EQ(options.topic_limits.messages, CacheLimits::kUnlimited);
  EXPECT_EQ(options.total_limits.messages, CacheLimits::kUnlimited);
  EXPECT_EQ(options.span_max, 2000);
  EXPECT_EQ(options.batch_size, 1u);
  EXPECT_EQ(options.consume_timeout, 15min);
  EXPECT_EQ(options.max_reconsume_times, -1);
  EXPECT_EQ(options.suspend_time, 15s);
  EXPECT_EQ(options.pull_timeout, 30s);
  EXPECT_EQ(options.persist_interval, 5s);
}

TEST(ConsumerOptions, ask_the_broker_to_hold_a_pull_for_five_seconds_less_and_never_below_zero) {
  EXPECT_EQ(read({{"consumer_timeout_millis_when_suspend", "20000"}}).suspend_time, 15s);
  EXPECT_EQ(read({{"consumer_timeout_millis_when_suspend", "9000"}}).suspend_time, 4s);
  EXPECT_EQ(read({{"consumer_timeout_millis_when_suspend", "3000"}}).suspend_time, 0s);
}

TEST(ConsumerOptions, ask_the_broker_to_hold_no_pull_for_longer_than_java_does) {
  EXPECT_EQ(read({{"consumer_timeout_millis_when_suspend", "60000"}}).suspend_time, 15s);
}

// Brokers look at what they hold every 5 s.
TEST(ConsumerOptions, leave_a_broker_ten_seconds_to_be_late_with_the_answer_to_a_pull) {
  for (const char* limit : {"1", "3000", "9000", "20000", "30000", "600000"}) {
    const ConsumerOptions options = read({{"consumer_timeout_millis_when_suspend", limit}});
    EXPECT_GE(options.pull_timeout - options.suspend_time, 10s) << limit;
  }
  EXPECT_EQ(read({{"consumer_timeout_millis_when_suspend", "60000"}}).pull_timeout, 60s);
}

TEST(ConsumerOptions, take_zero_and_below_for_no_limit) {
  const ConsumerOptions options = read({{"pull_threshold_for_topic", "0"},
                                        {"pull_threshold_size_for_topic", "-1"},
                                        {"pull_threshold_for_all", "0"},
                                        {"flow_control_max_diff", "0"}});
  EXPECT_EQ(options.topic_limits.messages, CacheLimits::kUnlimited);
  EXPECT_EQ(options.topic_limits.bytes, CacheLimits::kUnlimited);
  EXPECT_EQ(options.total_limits.messages, CacheLimits::kUnlimited);
  EXPECT_EQ(options.uncommitted_max, INT64_MAX);
}

TEST(ConsumerOptions, count_sizes_in_mebibytes) {
  const ConsumerOptions options = read({{"pull_threshold_size_for_queue", "2"},
                                        {"pull_threshold_size_for_topic", "3"},
                                        {"pull_threshold_size_for_all", "4"},
                                        {"pull_threshold_for_all", "500"}});
  EXPECT_EQ(options.queue_limits.bytes, 2u << 20);
  EXPECT_EQ(options.topic_limits.bytes, 3u << 20);
  EXPECT_EQ(options.total_limits.bytes, 4u << 20);
  EXPECT_EQ(options.total_limits.messages, 500u);
}

TEST(ConsumerOptions, read_the_timestamp_as_local_time) {
  const ConsumerOptions options =
      read({{"consume_from_where", "timestamp"}, {"consume_timestamp", "20240229133015"}});
  ASSERT_TRUE(options.consume_timestamp_ms);
  const std::time_t seconds = *options.consume_timestamp_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[16];
  std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &local);
  EXPECT_STREQ(text, "20240229133015");
}

TEST(ConsumerOptions, refuse_a_timestamp_that_is_still_to_come) {
  config::Config config;
  ASSERT_TRUE(config.set("consumer_group", "readers").ok());
  ASSERT_TRUE(config.set("consume_from_where", "timestamp").ok());
  ASSERT_TRUE(config.set("consume_timestamp", "29990101000000").ok());
  const auto refused = ConsumerOptions::read(config, config);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::OPTION_VALUE);
  EXPECT_NE(refused.error().message.find("consume_timestamp"), std::string::npos);
  EXPECT_NE(refused.error().message.find("still to come"), std::string::npos);
}

TEST(ConsumerOptions, name_what_a_file_has_set_and_is_not_supported_yet) {
  config::Config config;
  ASSERT_TRUE(config
                  .load_properties("consumer_group=readers\nmessage_model=broadcasting\n"
                                   "client_rebalance=false\nallocate_message_queue_strategy=config",
                                   "file")
                  .ok());
  const auto options = ConsumerOptions::read(config, config);
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ(options.value().unsupported,
            "message_model=broadcasting,allocate_message_queue_strategy=config,"
            "client_rebalance=false");
}

TEST(ConsumerOptions, refuse_a_group_that_is_missing_or_reserved) {
  config::Config config;
  EXPECT_EQ(ConsumerOptions::read(config, config).error().code, ErrorCode::GROUP_ILLEGAL);
  for (const char* reserved : {"DEFAULT_CONSUMER", "DEFAULT_PRODUCER", "TOOLS_CONSUMER",
                               "CID_RMQ_SYS_TRANS", "%RETRY%readers", "%DLQ%readers"}) {
    ASSERT_TRUE(config.set("consumer_group", reserved).ok());
    EXPECT_EQ(ConsumerOptions::read(config, config).error().code, ErrorCode::GROUP_ILLEGAL)
        << reserved;
  }
}

}  // namespace
}  // namespace rmq::consumer
