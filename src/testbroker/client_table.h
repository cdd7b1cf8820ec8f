// The groups behind the connections of one broker. As in a real broker a member of a group is a
// connection, not a client id. A client that sends its heartbeat on two connections is listed
// twice, and its registrations go with the connection. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "protocol/heartbeat.h"
#include "protocol/subscription.h"
#include "wire/command.h"

namespace rmq::testbroker {

// What one connection said in its heartbeats.
struct Client {
  std::string id;
  std::uint64_t connection = 0;
  std::int32_t version = 0;
  wire::Language language = wire::Language::java;
  std::uint64_t heartbeats = 0;
  base::Instant last_heartbeat{};
  std::set<std::string, std::less<>> producer_groups;
  std::set<std::string, std::less<>> consumer_groups;
};

struct ConsumerGroup {
  protocol::ConsumeType consume_type = protocol::ConsumeType::passively;
  protocol::MessageModel message_model = protocol::MessageModel::clustering;
  protocol::ConsumeFromWhere consume_from_where = protocol::ConsumeFromWhere::last_offset;
  std::set<std::uint64_t> connections;
  // By topic, of the whole group: the last member to say something wins.
  std::map<std::string, protocol::SubscriptionData, std::less<>> subscriptions;
};

struct ClientLimits {
  std::size_t clients = 100'000;
  std::size_t bytes = 64u << 20;  // of all names and subscriptions; beyond: not remembered
};

class ClientTable {
 public:
  // `notifies_broadcasting`: 4.9 tells the members of broadcasting groups of each other, too.
  ClientTable(ClientLimits limits, bool notifies_broadcasting)
      : limits_(limits), notifies_broadcasting_(notifies_broadcasting) {}

  // Finds or makes; a connection that changes its id keeps its groups. Null beyond the limit.
  Client* put(std::uint64_t connection, std::string_view client_id);
  void register_producer(Client& client, std::string_view group);
  // Without `subscriptions` those that the group has stay.
  void register_consumer(Client& client, const protocol::ConsumerData& consumer,
                         bool subscriptions);
  void unregister(std::uint64_t connection, std::string_view producer_group,
                  std::string_view consumer_group);
  void remove_connection(std::uint64_t connection);

  const ConsumerGroup* find_consumers(std::string_view group) const;
  std::vector<std::uint64_t> producer_connections(std::string_view group) const;
  std::vector<std::string> client_ids(std::string_view group) const;
  // Groups whose members are to be told of a change since the last call.
  std::set<std::string, std::less<>> take_changed_groups();
  // As if a member had come or gone. False when there is no such group.
  bool mark_changed(std::string_view group);
  bool has_changed_groups() const { return !changed_groups_.empty(); }

  const Client* find_connection(std::uint64_t connection) const;
  const Client* find(std::string_view client_id) const;  // its oldest connection
  const Client* find(std::uint64_t connection) const;
  std::vector<std::uint64_t> silent_connections(base::Instant since) const;
  std::size_t size() const { return clients_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  using Groups = std::map<std::string, ConsumerGroup, std::less<>>;

  bool take_bytes(std::size_t bytes);
  bool add_name(std::set<std::string, std::less<>>& names, std::string_view name);
  void remove_name(std::set<std::string, std::less<>>& names, std::string_view name);
  bool update_subscriptions(ConsumerGroup& group,
                            const std::vector<protocol::SubscriptionData>& subscriptions);
  void leave(std::string_view group, std::uint64_t connection);
  void note_change(std::string_view group, const ConsumerGroup& consumers);

  const ClientLimits limits_;
  const bool notifies_broadcasting_;
  std::map<std::uint64_t, Client> clients_;  // by connection
  Groups groups_;
  std::set<std::string, std::less<>> changed_groups_;
  std::size_t bytes_ = 0;
};

}  // namespace rmq::testbroker
