// Which messages a subscription wants, as far as a broker looks: at the hash of the tag.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/subscription.h"
#include "testbroker/store.h"

namespace rmq::testbroker {

class TagFilter {
 public:
  TagFilter() = default;  // all
  explicit TagFilter(const protocol::SubscriptionData& subscription);
  bool matches(const Message& message) const;
  std::size_t bytes() const { return codes_.size() * sizeof(std::int32_t); }

 private:
  bool all_ = true;
  std::vector<std::int32_t> codes_;
};

}  // namespace rmq::testbroker
