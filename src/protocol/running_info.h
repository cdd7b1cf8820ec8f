// The answer to GET_CONSUMER_RUNNING_INFO (307), protocol.md 5.6: what a member of a group tells an
// operator about itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/message_queue.h"
#include "protocol/subscription.h"

namespace rmq::protocol {

struct RunningQueue {
  MessageQueue queue{};
  std::int64_t commit_offset = 0;
  std::int64_t cached_min_offset = 0;  // both 0 when nothing is cached
  std::int64_t cached_max_offset = 0;
  std::int64_t cached_messages = 0;
  std::int64_t cached_mib = 0;
  std::int64_t last_pull_ms = 0;  // wall clock
};

struct RunningInfo {
  std::vector<std::pair<std::string_view, std::string>> properties{};  // PROP_…
  std::vector<SubscriptionData> subscriptions{};
  std::vector<RunningQueue> queues{};
};

std::string to_json(const RunningInfo& info);

}  // namespace rmq::protocol
