#include "protocol/running_info.h"

#include "protocol/json_text.h"
#include "protocol/message_queue_json.h"
#include "protocol/subscription_json.h"

namespace rmq::protocol {
namespace {

// "droped" is spelt so.
Json to_json_value(const RunningQueue& queue) {
  return {{"commitOffset", queue.commit_offset},
          {"cachedMsgMinOffset", queue.cached_min_offset},
          {"cachedMsgMaxOffset", queue.cached_max_offset},
          {"cachedMsgCount", queue.cached_messages},
          {"cachedMsgSizeInMiB", queue.cached_mib},
          {"transactionMsgMinOffset", 0},
          {"transactionMsgMaxOffset", 0},
          {"transactionMsgCount", 0},
          {"locked", false},
          {"tryUnlockTimes", 0},
          {"lastLockTimestamp", 0},
          {"droped", false},
          {"lastPullTimestamp", queue.last_pull_ms},
          {"lastConsumeTimestamp", 0}};
}

}  // namespace

std::string to_json(const RunningInfo& info) {
  Json properties = Json::object();
  for (const auto& [name, value] : info.properties) properties[std::string(name)] = value;
  Json subscriptions = Json::array();
  for (const SubscriptionData& subscription : info.subscriptions)
    subscriptions.push_back(subscription_to_json(subscription));
  Json queues = Json::array();
  for (const RunningQueue& queue : info.queues)
    queues.push_back(Json::array({queue_to_json(queue.queue), to_json_value(queue)}));
  return to_java_json({{"properties", std::move(properties)},
                       {"subscriptionSet", std::move(subscriptions)},
                       {"mqTable", {{std::string(kObjectKeyedMap), std::move(queues)}}},
                       {"mqPopTable", Json::object()},
                       {"statusTable", Json::object()},
                       {"userConsumerInfo", Json::object()}});
}

}  // namespace rmq::protocol
