// Options as they are written on a command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "testbroker/topic_config.h"

namespace rmq::testbroker {

// "4.9.7" or "5.4.0" to the number of MQVersion.
std::optional<std::int32_t> parse_version(std::string_view text);

// "name" or "name:queues", 1 to 65535 queues.
std::optional<TopicConfig> parse_topic(std::string_view text);

}  // namespace rmq::testbroker
