#include "protocol/lock_batch.h"

#include "protocol/message_queue_json.h"

namespace rmq::protocol {
namespace {

std::vector<MessageQueue> queues_at(const Json& body, const char* name) {
  std::vector<MessageQueue> queues;
  for (const Json& queue : member(body, name)) queues.push_back(queue_from_json(queue));
  return queues;
}

Json queues_to_json(const std::vector<MessageQueue>& queues) {
  Json list = Json::array();
  for (const MessageQueue& queue : queues) list.push_back(queue_to_json(queue));
  return list;
}

}  // namespace

base::Result<LockBatchBody> parse_lock_batch(std::string_view text) {
  base::Result<Json> parsed = parse_json_object(text, "reading a lock request");
  if (!parsed.ok()) return parsed.take_error();
  const Json& body = parsed.value();
  return LockBatchBody{.consumer_group = text_at(body, "consumerGroup"),
                       .client_id = text_at(body, "clientId"),
                       .only_this_broker = bool_at(body, "onlyThisBroker"),
                       .queues = queues_at(body, "mqSet")};
}

std::string to_json(const LockBatchBody& body) {
  return to_java_json({{"consumerGroup", body.consumer_group},
                       {"clientId", body.client_id},
                       {"onlyThisBroker", body.only_this_broker},
                       {"mqSet", queues_to_json(body.queues)}});
}

base::Result<std::vector<MessageQueue>> parse_locked_queues(std::string_view text) {
  base::Result<Json> parsed = parse_json_object(text, "reading locked queues");
  if (!parsed.ok()) return parsed.take_error();
  return queues_at(parsed.value(), "lockOKMQSet");
}

std::string locked_queues_to_json(const std::vector<MessageQueue>& queues) {
  return to_java_json({{"lockOKMQSet", queues_to_json(queues)}});
}

}  // namespace rmq::protocol
