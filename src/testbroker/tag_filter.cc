#include "testbroker/tag_filter.h"

#include <algorithm>

#include "base/java_string_hash.h"
#include "protocol/properties.h"

namespace rmq::testbroker {

TagFilter::TagFilter(const protocol::SubscriptionData& subscription)
    : all_(subscription.class_filter_mode || subscription.sub_string == protocol::kSubscribeAll),
      codes_(all_ ? std::vector<std::int32_t>() : subscription.codes) {}

bool TagFilter::matches(const Message& message) const {
  if (all_) return true;
  const std::string_view tags = message.property(protocol::kPropertyTags);
  const std::int32_t code = tags.empty() ? 0 : base::java_string_hash(tags);
  return std::find(codes_.begin(), codes_.end(), code) != codes_.end();
}

}  // namespace rmq::testbroker
