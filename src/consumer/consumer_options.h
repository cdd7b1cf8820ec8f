// A consumer's options, read once from its config.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/instant.h"
#include "config/config.h"
#include "protocol/heartbeat.h"

namespace rmq::consumer {

// Bounds on what is cached; kUnlimited where the option says "no limit".
struct CacheLimits {
  static constexpr std::size_t kUnlimited = SIZE_MAX;
  std::size_t messages = kUnlimited;
  std::size_t bytes = kUnlimited;

  bool allow(std::size_t messages_now, std::size_t bytes_now) const {
    return messages_now < messages && bytes_now < bytes;
  }
};

struct ConsumerOptions {
  std::string group;
  std::string unsupported;  // option=value of files that start() refuses; empty: nothing
  protocol::MessageModel message_model = protocol::MessageModel::clustering;  // the only one yet
  protocol::ConsumeFromWhere consume_from_where = protocol::ConsumeFromWhere::last_offset;
  std::optional<std::int64_t> consume_timestamp_ms;  // none: 30 minutes before the start
  std::size_t subscriptions_max = 1000;

  std::int32_t pull_batch_size = 32;
  std::int32_t pull_batch_bytes = 256 * 1024;
  base::Duration pull_interval{0};
  CacheLimits queue_limits{1000, 100 * 1024 * 1024};
  CacheLimits topic_limits;  // shared out evenly to the held queues of a topic
  CacheLimits total_limits;
  std::int64_t span_max = 2000;
  std::int64_t uncommitted_max = INT64_MAX;  // next pull offset less committed offset
  std::size_t decompress_bytes_max = 32 * 1024 * 1024;

  std::size_t batch_size = 1;  // messages of a delivery
  base::Duration consume_timeout = std::chrono::minutes(15);
  base::Duration close_timeout = base::milliseconds(3000);
  std::int32_t max_reconsume_times = -1;

  bool tells_errors = false;  // by error events

  base::Duration suspend_time = base::milliseconds(15000);  // the broker is to hold a pull so long
  base::Duration pull_timeout = base::milliseconds(30000);  // longer by what a broker may be late
  base::Duration send_back_timeout = base::milliseconds(5000);
  base::Duration request_timeout = base::milliseconds(5000);
  base::Duration persist_interval = base::milliseconds(5000);

  // `runtime_config` has the options that belong to the runtime and hold for its consumers.
  static base::Result<ConsumerOptions> read(const config::Config& config,
                                            const config::Config& runtime_config);
};

}  // namespace rmq::consumer
