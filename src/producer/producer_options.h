// A producer's options, read once from its config.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/compression.h"
#include "base/error.h"
#include "base/instant.h"
#include "config/config.h"

namespace rmq::producer {

struct ProducerOptions {
  std::string group{};
  base::Duration send_timeout = base::milliseconds(3000);
  base::Duration close_timeout = base::milliseconds(3000);
  std::size_t message_bytes_max = 4 * 1024 * 1024;
  bool compress = true;
  std::size_t compress_over_bytes = 4096;
  base::Compression compression_type = base::Compression::zlib;
  int compression_level = 5;
  std::int64_t inflight_max = 65536;
  std::int64_t inflight_bytes_max = 64 * 1024 * 1024;
  bool block_when_full = false;
  std::int32_t default_topic_queue_nums = 4;
  bool tells_errors = false;  // of the background, by error events
  int retries = 2;            // of a blocking send, after the first attempt
  int async_retries = 2;      // of the others
  bool retry_when_not_store_ok = false;
  std::vector<std::string> transaction_topics{};  // whose brokers may ask from the start
  base::Duration transaction_check_timeout = std::chrono::seconds(60);
  std::vector<std::string> rooms{};  // machine rooms, the own one first
  bool avoids_slow_brokers = false;

  static base::Result<ProducerOptions> read(const config::Config& config);
  static bool blocks_when_full(const config::Config& config);
};

}  // namespace rmq::producer
