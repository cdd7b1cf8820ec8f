#include "consumer/consumer_options.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/local_time.h"
#include "client/error_door.h"
#include "config/option_choices.h"
#include "protocol/names.h"

namespace rmq::consumer {
namespace {

using config::OptionId;

// A broker is asked to hold a pull for so much less than the option says, and never for longer than
// Java asks.
constexpr base::Duration kSuspendMargin = std::chrono::seconds(5);
constexpr base::Duration kSuspendMax = std::chrono::seconds(15);
// A broker looks at the pulls that it holds every 5 s, so its answer may come that much later than
// it was asked to. As much again is for a slow broker and the way.
constexpr base::Duration kAnswerDelayMax = std::chrono::seconds(10);
constexpr std::int64_t kBytesPerMebibyte = 1024 * 1024;

std::size_t read_limit(const config::Config& config, OptionId id, std::int64_t unit = 1) {
  const std::int64_t value = config.integer(id);
  return value <= 0 ? CacheLimits::kUnlimited : static_cast<std::size_t>(value * unit);
}

protocol::ConsumeFromWhere read_consume_from_where(const config::Config& config) {
  switch (static_cast<config::ConsumeFromWhere>(config.choice(OptionId::kConsumeFromWhere))) {
    case config::ConsumeFromWhere::kFirst:
      return protocol::ConsumeFromWhere::first_offset;
    case config::ConsumeFromWhere::kTimestamp:
      return protocol::ConsumeFromWhere::timestamp;
    case config::ConsumeFromWhere::kLast:
      break;
  }
  return protocol::ConsumeFromWhere::last_offset;
}

// Of yyyyMMddHHmmss in local time, which the config has checked.
std::int64_t parse_timestamp_ms(std::string_view text) {
  const auto number = [text](std::size_t begin, std::size_t digits) {
    int value = 0;
    for (char digit : text.substr(begin, digits)) value = value * 10 + (digit - '0');
    return value;
  };
  std::tm local{};
  local.tm_year = number(0, 4) - 1900;
  local.tm_mon = number(4, 2) - 1;
  local.tm_mday = number(6, 2);
  local.tm_hour = number(8, 2);
  local.tm_min = number(10, 2);
  local.tm_sec = number(12, 2);
  return base::local_to_epoch_seconds(local) * 1000;
}

// Nothing stands beyond the end of a queue: messages that are there would be skipped unseen.
base::Status check_timestamp(std::string_view text, std::int64_t timestamp_ms) {
  if (timestamp_ms <= base::wall_clock_ms()) return {};
  return base::make_error(base::ErrorCode::OPTION_VALUE,
                          "option consume_timestamp: " + std::string(text) +
                              " is still to come by this machine's clock and time zone",
                          "name a local time that has passed; now is consume_from_where = last");
}

}  // namespace

base::Result<ConsumerOptions> ConsumerOptions::read(const config::Config& config,
                                                    const config::Config& runtime_config) {
  if (auto status = config.check_for(config::Owner::kConsumer); !status.ok())
    return status.take_error();
  ConsumerOptions options;
  options.group = config.text(OptionId::kConsumerGroup).value_or("");
  if (auto status = protocol::check_own_group(options.group); !status.ok())
    return status.take_error();
  options.close_timeout = config.duration(OptionId::kCloseTimeout);
  options.unsupported = config.name_values_without_effect(config::Owner::kConsumer);

  options.consume_from_where = read_consume_from_where(config);
  if (const auto timestamp = config.text(OptionId::kConsumeTimestamp)) {
    options.consume_timestamp_ms = parse_timestamp_ms(*timestamp);
    if (auto status = check_timestamp(*timestamp, *options.consume_timestamp_ms); !status.ok())
      return status.take_error();
  }
  options.subscriptions_max = static_cast<std::size_t>(config.integer(OptionId::kMaxSubscriptions));

  options.pull_batch_size = static_cast<std::int32_t>(config.integer(OptionId::kPullBatchSize));
  options.pull_batch_bytes =
      static_cast<std::int32_t>(config.integer(OptionId::kPullBatchSizeInBytes));
  options.pull_interval = config.duration(OptionId::kPullInterval);
  options.queue_limits = {
      read_limit(config, OptionId::kPullThresholdForQueue),
      read_limit(config, OptionId::kPullThresholdSizeForQueue, kBytesPerMebibyte)};
  options.topic_limits = {
      read_limit(config, OptionId::kPullThresholdForTopic),
      read_limit(config, OptionId::kPullThresholdSizeForTopic, kBytesPerMebibyte)};
  // The default of the first is a pull consumer's.
  if (config.is_set(OptionId::kPullThresholdForAll))
    options.total_limits.messages = read_limit(config, OptionId::kPullThresholdForAll);
  options.total_limits.bytes =
      read_limit(config, OptionId::kPullThresholdSizeForAll, kBytesPerMebibyte);
  options.span_max = config.integer(OptionId::kConsumeConcurrentlyMaxSpan);
  if (const std::int64_t max = config.integer(OptionId::kFlowControlMaxDiff); max > 0)
    options.uncommitted_max = max;
  options.decompress_bytes_max =
      static_cast<std::size_t>(runtime_config.integer(OptionId::kDecompressMaxBytes));

  options.batch_size =
      static_cast<std::size_t>(config.integer(OptionId::kConsumeMessageBatchMaxSize));
  options.consume_timeout = config.duration(OptionId::kConsumeTimeout);
  options.max_reconsume_times =
      static_cast<std::int32_t>(config.integer(OptionId::kMaxReconsumeTimes));

  const base::Duration timeout = config.duration(OptionId::kConsumerTimeoutMillisWhenSuspend);
  options.suspend_time = std::clamp(timeout - kSuspendMargin, base::Duration::zero(), kSuspendMax);
  options.pull_timeout = std::max(timeout, options.suspend_time + kAnswerDelayMax);
  options.send_back_timeout = config.duration(OptionId::kConsumerTimeoutMillisSendMessage);
  options.request_timeout = config.duration(OptionId::kConsumerTimeoutMillisOfRequest);
  options.persist_interval = config.duration(OptionId::kPersistConsumerOffsetInterval);
  options.tells_errors = client::wants_errors(config, true);
  return options;
}

}  // namespace rmq::consumer
