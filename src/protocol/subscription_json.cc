#include "protocol/subscription_json.h"

namespace rmq::protocol {

SubscriptionData subscription_from_json(const Json& value) {
  SubscriptionData subscription{.topic = text_at(value, "topic"),
                                .sub_string = text_at(value, "subString"),
                                .tags = texts_at(value, "tagsSet"),
                                .codes = {},
                                .sub_version = int64_at(value, "subVersion"),
                                .expression_type = text_at(value, "expressionType"),
                                .class_filter_mode = bool_at(value, "classFilterMode")};
  if (subscription.expression_type.empty()) subscription.expression_type = kExpressionTag;
  for (const Json& code : member(value, "codeSet")) {
    if (code.is_number_integer()) subscription.codes.push_back(code.get<std::int32_t>());
  }
  return subscription;
}

Json subscription_to_json(const SubscriptionData& subscription) {
  return {{"topic", subscription.topic},
          {"subString", subscription.sub_string},
          {"tagsSet", subscription.tags},
          {"codeSet", subscription.codes},
          {"subVersion", subscription.sub_version},
          {"expressionType", subscription.expression_type},
          {"classFilterMode", subscription.class_filter_mode}};
}

}  // namespace rmq::protocol
