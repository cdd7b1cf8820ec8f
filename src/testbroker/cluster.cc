#include "testbroker/cluster.h"

#include <algorithm>

#include "testbroker/command.h"

namespace rmq::testbroker {

Cluster::~Cluster() {
  for (Server* server : servers_) server->set_command_runner({});
}

void Cluster::add(Server& server) {
  servers_.push_back(&server);
  if (server.options().broker) {
    replicas_.try_emplace(server.options().broker_name, slave_lag_).first->second.add(server);
  }
  server.set_command_runner([this](const std::string& line) { run_unattended(line); });
}

base::Status Cluster::promote(const Server& server) {
  const auto replicas = replicas_.find(server.options().broker_name);
  if (replicas == replicas_.end()) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "promote: " + server.name() + " is no broker");
  }
  return replicas->second.promote();
}

void Cluster::run_unattended(std::string_view command, std::string_view place) {
  std::string reply;
  const base::Status status = run_command(command, *this, &reply);
  if (status.ok()) return;
  ++failures_;
  last_failure_ = std::string(place) + ": " + status.error().message;
  std::replace(last_failure_.begin(), last_failure_.end(), '\n', ' ');
}

Server* Cluster::find(std::string_view name) const {
  for (Server* server : servers_) {
    if (server->name() == name) return server;
  }
  if (name != kNamesrvName) return nullptr;
  for (Server* server : servers_) {
    if (server->options().nameserver) return server;
  }
  return nullptr;
}

std::string Cluster::list_names() const {
  constexpr std::size_t kShownMax = 12;
  std::string names(find(kNamesrvName) != nullptr ? kNamesrvName : "");
  std::size_t shown = 0;
  for (const Server* server : servers_) {
    if (server->name() == kNamesrvName) continue;
    if (shown++ == kShownMax) return names + ", …";
    names += (names.empty() ? "" : ", ") + server->name();
  }
  return names;
}

}  // namespace rmq::testbroker
