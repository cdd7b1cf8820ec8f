#include "protocol/message_queue.h"

#include "base/java_string_hash.h"

namespace rmq::protocol {

bool operator<(const MessageQueue& a, const MessageQueue& b) {
  if (a.topic != b.topic) return base::less_in_java(a.topic, b.topic);
  if (a.broker_name != b.broker_name) return base::less_in_java(a.broker_name, b.broker_name);
  return a.queue_id < b.queue_id;
}

}  // namespace rmq::protocol
