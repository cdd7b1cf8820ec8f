#include "testbroker/text_options.h"

#include <string>

#include "base/decimal.h"
#include "testbroker/limits.h"
#include "testbroker/server_options.h"

namespace rmq::testbroker {
namespace {

constexpr std::int32_t kVersion490 = 393;
constexpr std::int32_t kVersionsPerPatch = 2;  // the number between is the snapshot's
constexpr std::int32_t kVersionsPerMinor = 20;

std::optional<std::int32_t> parse_digit(std::string_view text) {
  if (text.size() != 1 || text[0] < '0' || text[0] > '9') return std::nullopt;
  return text[0] - '0';
}

}  // namespace

std::optional<std::int32_t> parse_version(std::string_view text) {
  if (text.size() != 5 || text[1] != '.' || text[3] != '.') return std::nullopt;
  const auto major = parse_digit(text.substr(0, 1));
  const auto minor = parse_digit(text.substr(2, 1));
  const auto patch = parse_digit(text.substr(4, 1));
  if (!major || !minor || !patch) return std::nullopt;
  if (*major == 4 && *minor == 9) return kVersion490 + kVersionsPerPatch * *patch;
  if (*major != 5) return std::nullopt;
  return kVersion500 + kVersionsPerMinor * *minor + kVersionsPerPatch * *patch;
}

std::optional<TopicConfig> parse_topic(std::string_view text) {
  TopicConfig topic;
  const std::size_t colon = text.rfind(':');
  topic.name = text.substr(0, colon);
  if (topic.name.empty()) return std::nullopt;
  if (colon == std::string_view::npos) return topic;
  const auto queues = base::parse_int32(text.substr(colon + 1));
  if (!queues || *queues < 1 || *queues > kQueuesMax) return std::nullopt;
  topic.read_queues = topic.write_queues = *queues;
  return topic;
}

}  // namespace rmq::testbroker
