// The clients that sent heartbeats, and the connections on which they did. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace rmq::testbroker {

struct Client {
  std::uint64_t connection = 0;  // of the last heartbeat
  std::int32_t version = 0;
  std::uint64_t heartbeats = 0;
  std::set<std::string, std::less<>> producer_groups;
  std::set<std::string, std::less<>> consumer_groups;
};

class ClientTable {
 public:
  Client& put(std::string_view client_id);  // finds or makes
  const Client* find(std::string_view client_id) const;
  // Forgets the groups, and the client with its last one.
  void unregister(std::string_view client_id, std::string_view producer_group,
                  std::string_view consumer_group);
  void remove_connection(std::uint64_t connection);
  std::size_t size() const { return clients_.size(); }

 private:
  std::map<std::string, Client, std::less<>> clients_;
};

}  // namespace rmq::testbroker
