#include "protocol/subscription_json.h"

namespace rmq::protocol {

SubscriptionData read_subscription(JsonView value) {
  SubscriptionData subscription{.topic = text_at(value, "topic"),
                                .sub_string = text_at(value, "subString"),
                                .tags = texts_of(value.member("tagsSet")),
                                .codes = {},
                                .sub_version = int64_at(value, "subVersion"),
                                .expression_type = text_at(value, "expressionType"),
                                .class_filter_mode = bool_at(value, "classFilterMode")};
  if (subscription.expression_type.empty()) subscription.expression_type = kExpressionTag;
  for (const JsonView code : value.member("codeSet").elements()) {
    if (code.is(JsonKind::integer)) subscription.codes.push_back(int32_of(code));
  }
  return subscription;
}

void write_subscription(const SubscriptionData& subscription, JsonWriter* out) {
  out->begin_object();
  out->boolean("classFilterMode", subscription.class_filter_mode);
  out->begin_array("codeSet");
  for (const std::int32_t code : subscription.codes) out->number(code);
  out->end_array();
  out->text("expressionType", subscription.expression_type);
  out->text("subString", subscription.sub_string);
  out->number("subVersion", subscription.sub_version);
  out->texts("tagsSet", subscription.tags);
  out->text("topic", subscription.topic);
  out->end_object();
}

}  // namespace rmq::protocol
