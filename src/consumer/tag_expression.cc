#include "consumer/tag_expression.h"

#include <algorithm>

#include "base/blank.h"
#include "base/format.h"
#include "base/quote.h"

namespace rmq::consumer {
namespace {

constexpr std::string_view kBar = "||";

base::Error refuse(std::string_view topic, std::string_view expression, std::string_view why) {
  return base::make_error(base::ErrorCode::SUBSCRIPTION_SELECTOR,
                          base::format("subscribing topic {}: the tag expression {} {}", topic,
                                       base::quote(expression), why),
                          "give * for all messages, or tags such as a || b; a tag that holds a "
                          "blank needs SQL92: TAGS = 'a b'");
}

// Null when the tag can be one.
const char* find_fault(std::string_view tag) {
  if (tag == protocol::kSubscribeAll) return "has * beside tags, and * alone means all messages";
  if (base::find_blank(tag) != std::string_view::npos)
    return "has a blank inside a tag; tags are separated by ||";
  if (tag.find('|') != std::string_view::npos)
    return "has a single | inside a tag; tags are separated by ||";
  if (base::find_control(tag) != std::string_view::npos)
    return "has a control character inside a tag";
  return nullptr;
}

}  // namespace

base::Result<protocol::SubscriptionData> read_tag_expression(std::string_view topic,
                                                             std::string_view expression) {
  const std::string_view text = base::trim_blanks(expression);
  if (expression.empty() || text == protocol::kSubscribeAll)
    return protocol::parse_tag_expression(topic, text);
  std::string plain;
  std::vector<std::string_view> tags;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view piece = rest.substr(0, rest.find(kBar));
    rest.remove_prefix(std::min(rest.size(), piece.size() + kBar.size()));
    const std::string_view tag = base::trim_blanks(piece);
    if (tag.empty()) continue;
    if (const char* fault = find_fault(tag)) return refuse(topic, expression, fault);
    if (std::find(tags.begin(), tags.end(), tag) != tags.end()) continue;
    tags.push_back(tag);
    plain.append(plain.empty() ? "" : " || ").append(tag);
  }
  if (tags.empty()) return refuse(topic, expression, "names no tag");
  // The members of a group tell brokers the same text, so it stays as it was written where Java
  // reads the same tags from it.
  auto as_written = protocol::parse_tag_expression(topic, text);
  if (as_written.ok() && std::equal(tags.begin(), tags.end(), as_written.value().tags.begin(),
                                    as_written.value().tags.end())) {
    return as_written;
  }
  return protocol::parse_tag_expression(topic, plain);
}

}  // namespace rmq::consumer
