#include "testbroker/server_state.h"

#include <algorithm>
#include <utility>

#include "protocol/properties.h"
#include "protocol/request_code.h"
#include "protocol/send_message.h"
#include "testbroker/limits.h"

namespace rmq::testbroker {

ServerState::ServerState(const ServerOptions& server_options, const Quirks& server_quirks,
                         transport::Loop& server_loop, RouteTable& route_table, Peers& server_peers)
    : options(server_options),
      quirks(server_quirks),
      loop(server_loop),
      routes(route_table),
      peers(server_peers),
      store(options.store),
      clients(options.limits.clients, !options.is_5x()),
      groups(options.limits.groups_max, options.is_5x()),
      offsets(options.limits.offsets_max),
      locks(options.lock_life, options.limits.locks_max),
      held_pulls(*this, options.limits.held_pulls),
      delayed(*this),
      timers(*this),
      half_messages(*this),
      silent_clients(*this) {
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

bool ServerState::may_put_topic(std::string_view topic) const {
  return topics_.contains(topic) || topics_.size() < options.limits.topics_max;
}

void ServerState::put_topic(const TopicConfig& topic) {
  topics_[topic.name] = topic;
  if (!is_master()) return;
  routes.put_topic(options.broker_name, topic);
  if (replicator != nullptr) replicator->on_topic(topic);
}

base::Status ServerState::put_topic_bounded(const TopicConfig& topic) {
  if (topic.name.size() > kNameBytesMax) {
    return base::make_error(base::ErrorCode::ARGUMENT, "the topic's name is longer than 255 bytes");
  }
  if (find_topic(topic.name) == nullptr && topics_.size() >= options.limits.topics_max) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            options.broker_name + " has as many topics as it may have");
  }
  put_topic(topic);
  return {};
}

bool ServerState::resize_topic(std::string_view name, std::int32_t queues) {
  const TopicConfig* found = find_topic(name);
  if (found == nullptr) return false;
  TopicConfig topic = *found;
  topic.read_queues = topic.write_queues = queues;
  put_topic(topic);
  return true;
}

void ServerState::remove_topic(std::string_view topic) {
  if (is_master()) {
    routes.remove_topic(options.broker_name, topic);
    if (replicator != nullptr) replicator->on_topic_removed(topic);
  }
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

const TopicConfig* ServerState::find_or_create_group_topic(std::string_view topic) {
  if (const TopicConfig* found = find_topic(topic)) return found;
  if (topics_.size() >= options.limits.topics_max) return nullptr;
  put_topic({.name = std::string(topic), .read_queues = 1, .write_queues = 1});
  return find_topic(topic);
}

void ServerState::withdraw_topics() {
  if (!is_master()) return;
  for (const auto& [name, topic] : topics_) routes.remove_topic(options.broker_name, name);
}

void ServerState::publish_topics() {
  for (const auto& [name, topic] : topics_) routes.put_topic(options.broker_name, topic);
}

void ServerState::take_copy(const Message& message) {
  store.append_copy(message);
  held_pulls.note_arrival(message.topic, message.queue_id, message.queue_offset);
}

void ServerState::copy_from(const ServerState& master) {
  store = master.store;
  catch_up(master, store.commit_log_end());
  delayed.clear();
  timers.clear();
  half_messages.clear();
  held_pulls.check_all();
}

void ServerState::catch_up(const ServerState& master, std::int64_t commit_log_end) {
  topics_ = master.topics_;
  offsets = master.offsets;
  groups = master.groups;
  master.store.visit_log(store.commit_log_end(), commit_log_end,
                         [this](const Message& message) { take_copy(message); });
}

bool ServerState::commit_offset(std::string_view group, std::string_view topic,
                                std::int32_t queue_id, std::int64_t offset) {
  if (!offsets.commit(group, topic, queue_id, offset)) return false;
  if (replicator != nullptr && is_master()) replicator->on_offset(group, topic, queue_id, offset);
  return true;
}

const Message& ServerState::store_message(Message message) {
  message.store_host = store_host;
  const Message& kept = store.append(std::move(message));
  if (replicator != nullptr && is_master()) replicator->on_message(kept);
  return kept;
}

const Message& ServerState::append(Message message) {
  if (const std::int32_t level = delayed.level_of(message); level > 0) {
    return delayed.add(std::move(message), level);
  }
  if (timers.is_timed(message)) return timers.add(std::move(message));
  return append_now(std::move(message));
}

const Message& ServerState::append_now(Message message) {
  // 4.9 writes properties without the last separator.
  if (!options.is_5x() && message.properties.ends_with(protocol::kPropertyEnd)) {
    message.properties.pop_back();
  }
  const Message& kept = store_message(std::move(message));
  held_pulls.note_arrival(kept.topic, kept.queue_id, kept.queue_offset);
  return kept;
}

void ServerState::remove_connection(std::uint64_t connection) {
  clients.remove_connection(connection);
  held_pulls.remove_connection(connection);
  if (clients.has_changed_groups()) peers.schedule_turn_end();
}

void ServerState::run_turn_end() {
  notify_groups();
  held_pulls.wake_arrivals();
}

// A push may end its connection, so that the members are read before the first one is told.
void ServerState::notify_groups() {
  for (const std::string& group : clients.take_changed_groups()) {
    const ConsumerGroup* consumers = clients.find_consumers(group);
    if (consumers == nullptr) continue;
    const std::set<std::uint64_t> connections = consumers->connections;
    for (const std::uint64_t connection : connections) {
      wire::Command request;
      request.code = static_cast<std::int32_t>(protocol::RequestCode::NOTIFY_CONSUMER_IDS_CHANGED);
      request.fields.emplace_back("consumerGroup", group);
      peers.push_oneway(connection, std::move(request));
    }
  }
}

void ServerState::set_asleep(bool asleep) {
  asleep_ = asleep;
  if (asleep) return;
  delayed.deliver_due();
  timers.deliver_due();
  half_messages.resume();
  held_pulls.check_all();
}

}  // namespace rmq::testbroker
