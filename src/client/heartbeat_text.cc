#include "client/heartbeat_text.h"

#include <utility>

namespace rmq::client {

void HeartbeatText::say(protocol::HeartbeatData data, bool has_fingerprint) {
  data.fingerprint = data_.fingerprint;
  if (data == data_) return;
  data.fingerprint = has_fingerprint ? protocol::heartbeat_fingerprint(data) : 0;
  data_ = std::move(data);
  full_.clear();
  brief_.clear();
}

const std::string& HeartbeatText::full() {
  if (full_.empty()) {
    full_ = protocol::to_json(data_);
    ++written_;
  }
  return full_;
}

const std::string& HeartbeatText::brief() {
  if (brief_.empty()) {
    protocol::HeartbeatData brief = data_;
    brief.without_sub = true;
    for (protocol::ConsumerData& consumer : brief.consumers) consumer.subscriptions.clear();
    brief_ = protocol::to_json(brief);
    ++written_;
  }
  return brief_;
}

}  // namespace rmq::client
