#include "testbroker/cluster.h"

#include "testbroker/command.h"

namespace rmq::testbroker {

void Cluster::add(Server& server) {
  servers_.push_back(&server);
  server.set_command_runner([this](const std::string& line) { run_unattended(line); });
}

void Cluster::run_unattended(std::string_view command) {
  std::string reply;
  const base::Status status = run_command(command, *this, &reply);
  if (status.ok()) return;
  ++failures_;
  last_failure_ = status.error().message;
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
