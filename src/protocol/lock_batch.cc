#include "protocol/lock_batch.h"

#include "protocol/message_queue_json.h"

namespace rmq::protocol {
namespace {

std::vector<MessageQueue> read_queues(JsonView list) {
  std::vector<MessageQueue> queues;
  for (const JsonView queue : list.elements()) queues.push_back(read_queue(queue));
  return queues;
}

void write_queues(std::string_view name, const std::vector<MessageQueue>& queues, JsonWriter* out) {
  out->begin_array(name);
  for (const MessageQueue& queue : queues) write_queue(queue, out);
  out->end_array();
}

}  // namespace

base::Result<LockBatchBody> parse_lock_batch(std::string_view text) {
  base::Result<JsonDocument> parsed = parse_json_object(text, "reading a lock request");
  if (!parsed.ok()) return parsed.take_error();
  const JsonView body = parsed.value().root();
  return LockBatchBody{.consumer_group = text_at(body, "consumerGroup"),
                       .client_id = text_at(body, "clientId"),
                       .only_this_broker = bool_at(body, "onlyThisBroker"),
                       .queues = read_queues(body.member("mqSet"))};
}

std::string to_json(const LockBatchBody& body) {
  JsonWriter out;
  out.begin_object();
  out.text("clientId", body.client_id);
  out.text("consumerGroup", body.consumer_group);
  write_queues("mqSet", body.queues, &out);
  out.boolean("onlyThisBroker", body.only_this_broker);
  out.end_object();
  return out.take();
}

base::Result<std::vector<MessageQueue>> parse_locked_queues(std::string_view text) {
  base::Result<JsonDocument> parsed = parse_json_object(text, "reading locked queues");
  if (!parsed.ok()) return parsed.take_error();
  return read_queues(parsed.value().root().member("lockOKMQSet"));
}

std::string locked_queues_to_json(const std::vector<MessageQueue>& queues) {
  JsonWriter out;
  out.begin_object();
  write_queues("lockOKMQSet", queues, &out);
  out.end_object();
  return out.take();
}

}  // namespace rmq::protocol
