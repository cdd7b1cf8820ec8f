// What a group wants of a topic (protocol.md 10.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace rmq::protocol {

inline constexpr std::string_view kSubscribeAll = "*";
inline constexpr std::string_view kExpressionTag = "TAG";
inline constexpr std::string_view kExpressionSql92 = "SQL92";

struct SubscriptionData {
  std::string topic{};
  std::string sub_string{kSubscribeAll};
  std::vector<std::string> tags{};    // each once
  std::vector<std::int32_t> codes{};  // Java hashes of the tags, each once
  std::int64_t sub_version = 0;       // ms; renewed on change
  std::string expression_type{kExpressionTag};
  bool class_filter_mode = false;
  friend bool operator==(const SubscriptionData&, const SubscriptionData&) = default;

  // The broker filters by hash only; this is the check that remains for the client. `tag` is empty
  // for a message without one.
  bool accepts_tag(std::string_view tag) const;
};

// Empty and "*" mean all; else tags split at "||". SUBSCRIPTION_SELECTOR when nothing stands
// between the bars, as Java refuses it.
base::Result<SubscriptionData> parse_tag_expression(std::string_view topic,
                                                    std::string_view expression);

}  // namespace rmq::protocol
