// The handle by which a timer message is recalled (protocol.md 12.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rmq::protocol {

struct RecallHandle {
  std::string topic{};
  std::string broker_name{};
  std::string timestamp_ms{};
  std::string message_id{};  // UNIQ_KEY
  friend bool operator==(const RecallHandle&, const RecallHandle&) = default;
};

std::string to_text(const RecallHandle& handle);
std::optional<RecallHandle> parse_recall_handle(std::string_view text);

}  // namespace rmq::protocol
