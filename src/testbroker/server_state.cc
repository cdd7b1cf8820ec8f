#include "testbroker/server_state.h"

#include <algorithm>

#include "protocol/send_message.h"

namespace rmq::testbroker {

ServerState::ServerState(const ServerOptions& server_options, transport::Loop& server_loop,
                         RouteTable& route_table)
    : options(server_options), loop(server_loop), routes(route_table), store(options.store) {
  if (!options.broker) return;
  if (options.create_topics) {
    put_topic({.name = std::string(protocol::kAutoCreateTopic),
               .read_queues = options.created_topic_queues,
               .write_queues = options.created_topic_queues,
               .perm = kPermRead | kPermWrite | kPermInherit});
  }
  for (const TopicConfig& topic : options.topics) put_topic(topic);
}

const TopicConfig* ServerState::find_topic(std::string_view topic) const {
  const auto entry = topics_.find(topic);
  return entry == topics_.end() ? nullptr : &entry->second;
}

void ServerState::put_topic(const TopicConfig& topic) {
  topics_[topic.name] = topic;
  routes.put_topic(options.broker_name, topic);
}

void ServerState::remove_topic(std::string_view topic) {
  routes.remove_topic(options.broker_name, topic);
  const auto entry = topics_.find(topic);
  if (entry != topics_.end()) topics_.erase(entry);
}

const TopicConfig* ServerState::create_topic(std::string_view topic, std::string_view default_topic,
                                             std::int64_t queues) {
  const TopicConfig* pattern = find_topic(default_topic);
  if (pattern == nullptr || (pattern->perm & kPermInherit) == 0) return nullptr;
  if (topics_.size() >= options.limits.topics_max) return nullptr;
  const auto count = static_cast<std::int32_t>(
      std::clamp<std::int64_t>(queues, 0, std::max(pattern->write_queues, 0)));
  put_topic({.name = std::string(topic),
             .read_queues = count,
             .write_queues = count,
             .perm = pattern->perm & ~kPermInherit});
  return find_topic(topic);
}

const TopicConfig* ServerState::create_retry_topic(std::string_view topic) {
  if (topics_.size() >= options.limits.topics_max) return nullptr;
  put_topic({.name = std::string(topic), .read_queues = 1, .write_queues = 1});
  return find_topic(topic);
}

void ServerState::forget_topics() {
  for (const auto& [name, topic] : topics_) routes.remove_topic(options.broker_name, name);
  topics_.clear();
}

}  // namespace rmq::testbroker
