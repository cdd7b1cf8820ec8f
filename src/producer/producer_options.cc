#include "producer/producer_options.h"

#include "base/blank.h"
#include "client/error_door.h"
#include "config/option_choices.h"
#include "protocol/names.h"

namespace rmq::producer {
namespace {

// "word;word" without the blanks around words; an empty one is none.
std::vector<std::string> read_words(const config::Config& config, config::OptionId id) {
  std::vector<std::string> words;
  for (const std::string_view part : config.list(id)) {
    if (const std::string_view word = base::trim_blanks(part); !word.empty())
      words.emplace_back(word);
  }
  return words;
}

base::Result<std::vector<std::string>> read_topics(const config::Config& config,
                                                   config::OptionId id) {
  std::vector<std::string> topics = read_words(config, id);
  for (const std::string& topic : topics) {
    auto status = protocol::check_topic(topic);
    if (status.ok()) continue;
    base::Error error = status.take_error();
    error.code = base::ErrorCode::OPTION_VALUE;
    error.message = "option " + std::string(config::option_info(id).name) + ": " + error.message;
    return error;
  }
  return topics;
}

}  // namespace

bool ProducerOptions::blocks_when_full(const config::Config& config) {
  return config.choice(config::OptionId::kQueueFullPolicy) ==
         static_cast<std::int32_t>(config::QueueFullPolicy::kBlock);
}

base::Result<ProducerOptions> ProducerOptions::read(const config::Config& config) {
  using config::OptionId;
  if (auto status = config.check_for(config::Owner::kProducer); !status.ok())
    return status.take_error();
  ProducerOptions options;
  options.group = config.text(OptionId::kProducerGroup).value_or("");
  if (auto status = protocol::check_own_group(options.group); !status.ok())
    return status.take_error();
  options.tells_errors = client::wants_errors(config, false);
  options.send_timeout = config.duration(OptionId::kSendMsgTimeout);
  options.close_timeout = config.duration(OptionId::kCloseTimeout);
  options.message_bytes_max = static_cast<std::size_t>(config.integer(OptionId::kMaxMessageSize));
  options.compress = config.boolean(OptionId::kEnableMessageCompression);
  options.compress_over_bytes =
      static_cast<std::size_t>(config.integer(OptionId::kCompressMsgBodyOverHowmuch));
  switch (static_cast<config::CompressType>(config.choice(OptionId::kCompressType))) {
    case config::CompressType::kZlib:
      options.compression_type = base::Compression::zlib;
      break;
    case config::CompressType::kLz4:
      options.compression_type = base::Compression::lz4;
      break;
    case config::CompressType::kZstd:
      options.compression_type = base::Compression::zstd;
      break;
  }
  options.compression_level = static_cast<int>(config.integer(OptionId::kCompressLevel));
  options.inflight_max = config.integer(OptionId::kMaxInflight);
  options.inflight_bytes_max = config.integer(OptionId::kMaxInflightBytes);
  options.block_when_full = blocks_when_full(config);
  options.default_topic_queue_nums =
      static_cast<std::int32_t>(config.integer(OptionId::kDefaultTopicQueueNums));
  options.retries = static_cast<int>(config.integer(OptionId::kRetryTimesWhenSendFailed));
  // One number rules both kinds of sends, unless asynchronous ones have their own.
  options.async_retries =
      config.is_set(OptionId::kRetryTimesWhenSendAsyncFailed)
          ? static_cast<int>(config.integer(OptionId::kRetryTimesWhenSendAsyncFailed))
          : options.retries;
  options.avoids_slow_brokers = config.boolean(OptionId::kSendLatencyFaultEnable);
  options.retry_when_not_store_ok = config.boolean(OptionId::kRetryAnotherBrokerWhenNotStoreOk);
  auto topics = read_topics(config, OptionId::kTransactionTopics);
  if (!topics.ok()) return topics.take_error();
  options.transaction_topics = topics.take_value();
  options.transaction_check_timeout = config.duration(OptionId::kTransactionCheckTimeout);
  options.rooms = read_words(config, OptionId::kMachineRoom);
  return options;
}

}  // namespace rmq::producer
