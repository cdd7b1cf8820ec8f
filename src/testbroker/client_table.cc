#include "testbroker/client_table.h"

#include <algorithm>
#include <utility>

namespace rmq::testbroker {
namespace {

std::size_t bytes_of(const protocol::SubscriptionData& subscription) {
  std::size_t bytes = sizeof subscription + 2 * subscription.topic.size() +
                      subscription.sub_string.size() + subscription.expression_type.size() +
                      subscription.codes.size() * sizeof(std::int32_t);
  for (const std::string& tag : subscription.tags) bytes += sizeof tag + tag.size();
  return bytes;
}

}  // namespace

bool ClientTable::take_bytes(std::size_t bytes) {
  if (bytes > limits_.bytes - std::min(bytes_, limits_.bytes)) return false;
  bytes_ += bytes;
  return true;
}

bool ClientTable::add_name(std::set<std::string, std::less<>>& names, std::string_view name) {
  if (names.contains(name)) return true;
  if (!take_bytes(name.size())) return false;
  names.emplace(name);
  return true;
}

void ClientTable::remove_name(std::set<std::string, std::less<>>& names, std::string_view name) {
  const auto place = names.find(name);
  if (place == names.end()) return;
  bytes_ -= place->size();
  names.erase(place);
}

Client* ClientTable::put(std::uint64_t connection, std::string_view client_id) {
  auto client = clients_.find(connection);
  if (client == clients_.end()) {
    if (clients_.size() >= limits_.clients) return nullptr;
    client = clients_.emplace(connection, Client{}).first;
    client->second.connection = connection;
  }
  Client& entry = client->second;
  if (entry.id != client_id) {
    bytes_ -= entry.id.size();
    entry.id.clear();
    if (take_bytes(client_id.size())) entry.id = client_id;
  }
  return &entry;
}

void ClientTable::register_producer(Client& client, std::string_view group) {
  add_name(client.producer_groups, group);
}

void ClientTable::register_consumer(Client& client, const protocol::ConsumerData& consumer,
                                    bool subscriptions) {
  if (!add_name(client.consumer_groups, consumer.group)) return;
  ConsumerGroup& group = groups_[consumer.group];
  group.consume_type = consumer.consume_type;
  group.message_model = consumer.message_model;
  group.consume_from_where = consumer.consume_from_where;
  bool changed = group.connections.insert(client.connection).second;
  if (subscriptions) changed |= update_subscriptions(group, consumer.subscriptions);
  if (changed) note_change(consumer.group, group);
}

// True when a topic came or went. A newer subscription to a topic that the group has takes the
// place of the older one and is no change in this sense.
bool ClientTable::update_subscriptions(
    ConsumerGroup& group, const std::vector<protocol::SubscriptionData>& subscriptions) {
  bool changed = false;
  std::set<std::string_view> topics;
  for (const protocol::SubscriptionData& subscription : subscriptions) {
    topics.insert(subscription.topic);
    const auto old = group.subscriptions.find(subscription.topic);
    const bool is_new = old == group.subscriptions.end();
    if (!is_new && subscription.sub_version <= old->second.sub_version) continue;
    if (!take_bytes(bytes_of(subscription))) continue;
    if (!is_new) bytes_ -= bytes_of(old->second);
    group.subscriptions.insert_or_assign(subscription.topic, subscription);
    changed |= is_new;
  }
  const auto gone = std::erase_if(group.subscriptions, [&](const auto& entry) {
    if (topics.contains(entry.first)) return false;
    bytes_ -= bytes_of(entry.second);
    return true;
  });
  return changed || gone > 0;
}

void ClientTable::unregister(std::uint64_t connection, std::string_view producer_group,
                             std::string_view consumer_group) {
  const auto client = clients_.find(connection);
  if (client == clients_.end()) return;
  Client& entry = client->second;
  remove_name(entry.producer_groups, producer_group);
  remove_name(entry.consumer_groups, consumer_group);
  leave(consumer_group, connection);
  if (!entry.producer_groups.empty() || !entry.consumer_groups.empty()) return;
  bytes_ -= entry.id.size();
  clients_.erase(client);
}

void ClientTable::remove_connection(std::uint64_t connection) {
  const auto client = clients_.find(connection);
  if (client == clients_.end()) return;
  const Client entry = std::move(client->second);
  clients_.erase(client);
  bytes_ -= entry.id.size();
  for (const std::string& group : entry.producer_groups) bytes_ -= group.size();
  for (const std::string& group : entry.consumer_groups) {
    bytes_ -= group.size();
    leave(group, connection);
  }
}

void ClientTable::leave(std::string_view group, std::uint64_t connection) {
  const auto entry = groups_.find(group);
  if (entry == groups_.end() || entry->second.connections.erase(connection) == 0) return;
  if (!entry->second.connections.empty()) {
    note_change(group, entry->second);
    return;
  }
  for (const auto& [topic, subscription] : entry->second.subscriptions) {
    bytes_ -= bytes_of(subscription);
  }
  groups_.erase(entry);
}

void ClientTable::note_change(std::string_view group, const ConsumerGroup& consumers) {
  const bool broadcasting = consumers.message_model == protocol::MessageModel::broadcasting;
  if (!broadcasting || notifies_broadcasting_) changed_groups_.emplace(group);
}

bool ClientTable::mark_changed(std::string_view group) {
  if (find_consumers(group) == nullptr) return false;
  changed_groups_.emplace(group);
  return true;
}

const ConsumerGroup* ClientTable::find_consumers(std::string_view group) const {
  const auto entry = groups_.find(group);
  return entry == groups_.end() ? nullptr : &entry->second;
}

std::vector<std::string> ClientTable::client_ids(std::string_view group) const {
  std::vector<std::string> ids;
  const ConsumerGroup* consumers = find_consumers(group);
  if (consumers == nullptr) return ids;
  for (const std::uint64_t connection : consumers->connections) {
    const auto client = clients_.find(connection);
    if (client != clients_.end()) ids.push_back(client->second.id);
  }
  return ids;
}

std::vector<std::uint64_t> ClientTable::producer_connections(std::string_view group) const {
  std::vector<std::uint64_t> connections;
  for (const auto& [connection, client] : clients_) {
    if (client.producer_groups.contains(group)) connections.push_back(connection);
  }
  return connections;
}

std::set<std::string, std::less<>> ClientTable::take_changed_groups() {
  return std::exchange(changed_groups_, {});
}

const Client* ClientTable::find_connection(std::uint64_t connection) const {
  const auto client = clients_.find(connection);
  return client == clients_.end() ? nullptr : &client->second;
}

const Client* ClientTable::find(std::string_view client_id) const {
  for (const auto& [connection, client] : clients_) {
    if (client.id == client_id) return &client;
  }
  return nullptr;
}

const Client* ClientTable::find(std::uint64_t connection) const {
  const auto client = clients_.find(connection);
  return client == clients_.end() ? nullptr : &client->second;
}

std::vector<std::uint64_t> ClientTable::silent_connections(base::Instant since) const {
  std::vector<std::uint64_t> silent;
  for (const auto& [connection, client] : clients_) {
    if (client.last_heartbeat < since) silent.push_back(connection);
  }
  return silent;
}

}  // namespace rmq::testbroker
