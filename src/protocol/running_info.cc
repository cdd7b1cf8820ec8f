#include "protocol/running_info.h"

#include "protocol/json_writer.h"
#include "protocol/message_queue_json.h"
#include "protocol/subscription_json.h"

namespace rmq::protocol {
namespace {

// "droped" is spelt so.
void write_running_queue(const RunningQueue& queue, JsonWriter* out) {
  out->begin_object();
  out->number("cachedMsgCount", queue.cached_messages);
  out->number("cachedMsgMaxOffset", queue.cached_max_offset);
  out->number("cachedMsgMinOffset", queue.cached_min_offset);
  out->number("cachedMsgSizeInMiB", queue.cached_mib);
  out->number("commitOffset", queue.commit_offset);
  out->boolean("droped", false);
  out->number("lastConsumeTimestamp", 0);
  out->number("lastLockTimestamp", 0);
  out->number("lastPullTimestamp", queue.last_pull_ms);
  out->boolean("locked", false);
  out->number("transactionMsgCount", 0);
  out->number("transactionMsgMaxOffset", 0);
  out->number("transactionMsgMinOffset", 0);
  out->number("tryUnlockTimes", 0);
  out->end_object();
}

}  // namespace

std::string to_json(const RunningInfo& info) {
  JsonWriter out;
  out.begin_object();
  out.empty_object("mqPopTable");
  out.begin_object("mqTable");
  for (const RunningQueue& queue : info.queues) {
    write_queue(queue.queue, &out);
    out.colon();
    write_running_queue(queue, &out);
  }
  out.end_object();
  out.begin_object("properties");
  for (const auto& [name, value] : info.properties) out.text(name, value);
  out.end_object();
  out.empty_object("statusTable");
  out.begin_array("subscriptionSet");
  for (const SubscriptionData& subscription : info.subscriptions) {
    write_subscription(subscription, &out);
  }
  out.end_array();
  out.empty_object("userConsumerInfo");
  out.end_object();
  return out.take();
}

}  // namespace rmq::protocol
