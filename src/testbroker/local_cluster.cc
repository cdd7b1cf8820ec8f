#include "testbroker/local_cluster.h"

#include <utility>

#include "testbroker/script_text.h"

namespace rmq::testbroker {

LocalCluster::LocalCluster(transport::Loop& loop, const ClusterOptions& options)
    : loop_(loop), rules_(options.rules) {
  ServerOptions first = options.first;
  if (options.separate_namesrv) {
    add(make_namesrv_options(first, routes_));
    first.nameserver = false;
    if (first.listen_address.port != 0) ++first.listen_address.port;
  }
  for (std::size_t i = 0; i < options.brokers; ++i) add(make_broker_options(first, i, routes_));
  for (std::size_t i = 0; i < options.brokers; ++i) {
    const ServerOptions master = make_broker_options(first, i, routes_);
    for (std::size_t slave = 0; slave < options.slaves; ++slave) {
      add(make_slave_options(master, static_cast<std::int64_t>(slave) + 1,
                             options.brokers - i + i * options.slaves + slave));
    }
  }
}

void LocalCluster::add(ServerOptions options) {
  servers_.push_back(std::make_unique<Server>(loop_, std::move(options)));
  cluster_.add(*servers_.back());
}

base::Status LocalCluster::start() {
  for (const auto& server : servers_) {
    for (const std::string& rule : rules_) {
      if (auto status = add_rule(rule, &server->script()); !status.ok()) return status;
    }
    if (auto status = server->start(); !status.ok()) return status;
  }
  return {};
}

}  // namespace rmq::testbroker
