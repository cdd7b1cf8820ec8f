#include "testbroker/client_table.h"

namespace rmq::testbroker {

Client& ClientTable::put(std::string_view client_id) {
  const auto client = clients_.find(client_id);
  if (client != clients_.end()) return client->second;
  return clients_[std::string(client_id)];
}

const Client* ClientTable::find(std::string_view client_id) const {
  const auto client = clients_.find(client_id);
  return client == clients_.end() ? nullptr : &client->second;
}

void ClientTable::unregister(std::string_view client_id, std::string_view producer_group,
                             std::string_view consumer_group) {
  const auto client = clients_.find(client_id);
  if (client == clients_.end()) return;
  auto& [id, entry] = *client;
  if (const auto group = entry.producer_groups.find(producer_group);
      group != entry.producer_groups.end()) {
    entry.producer_groups.erase(group);
  }
  if (const auto group = entry.consumer_groups.find(consumer_group);
      group != entry.consumer_groups.end()) {
    entry.consumer_groups.erase(group);
  }
  if (entry.producer_groups.empty() && entry.consumer_groups.empty()) clients_.erase(client);
}

void ClientTable::remove_connection(std::uint64_t connection) {
  std::erase_if(clients_,
                [connection](const auto& entry) { return entry.second.connection == connection; });
}

}  // namespace rmq::testbroker
