#include "protocol/subscription.h"

#include <algorithm>

#include "base/format.h"
#include "base/java_string_hash.h"

namespace rmq::protocol {
namespace {

constexpr std::string_view kBar = "||";

// Java's trim: everything up to the space.
std::string_view trim(std::string_view text) {
  const auto is_space = [](char letter) { return static_cast<unsigned char>(letter) <= ' '; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

template <typename T, typename Value>
void add_once(std::vector<T>* list, const Value& value) {
  if (std::find(list->begin(), list->end(), value) == list->end()) list->emplace_back(value);
}

}  // namespace

bool SubscriptionData::accepts_tag(std::string_view tag) const {
  if (expression_type != kExpressionTag || tags.empty()) return true;
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

base::Result<SubscriptionData> parse_tag_expression(std::string_view topic,
                                                    std::string_view expression) {
  SubscriptionData subscription;
  subscription.topic = topic;
  if (expression.empty() || expression == kSubscribeAll) return subscription;
  subscription.sub_string = expression;
  bool any_text = false;
  for (std::string_view rest = expression; !rest.empty();) {
    const std::string_view piece = rest.substr(0, rest.find(kBar));
    rest.remove_prefix(std::min(rest.size(), piece.size() + kBar.size()));
    any_text = any_text || !piece.empty();
    const std::string_view tag = trim(piece);
    if (tag.empty()) continue;
    add_once(&subscription.tags, tag);
    add_once(&subscription.codes, base::java_string_hash(tag));
  }
  if (!any_text) {
    return base::make_error(
        base::ErrorCode::SUBSCRIPTION_SELECTOR,
        base::format("subscribing topic {}: the tag expression \"{}\" names no tag", topic,
                     expression),
        "give \"*\" for all messages, or tags such as \"a || b\"");
  }
  return subscription;
}

}  // namespace rmq::protocol
