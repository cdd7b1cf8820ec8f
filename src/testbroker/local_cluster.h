// A whole cluster on one loop, made from options: what the library and the executable serve. Loop
// thread only; must be destroyed before its loop.
#pragma once

#include <memory>
#include <vector>

#include "testbroker/cluster.h"
#include "testbroker/cluster_options.h"

namespace rmq::testbroker {

class LocalCluster {
 public:
  LocalCluster(transport::Loop& loop, const ClusterOptions& options);

  // Starts every server. ARGUMENT for a rule that is not understood.
  base::Status start();

  Cluster& cluster() { return cluster_; }
  // Where the NameServer listens; once started.
  const transport::SocketAddress& namesrv_address() const { return servers_[0]->address(); }
  // The NameServer first if it is a server of its own, then brokers, then their slaves.
  const std::vector<std::unique_ptr<Server>>& servers() const { return servers_; }

 private:
  void add(ServerOptions options);

  transport::Loop& loop_;
  const std::vector<std::string> rules_;
  RouteTable routes_;  // outlives the servers
  std::vector<std::unique_ptr<Server>> servers_;
  Cluster cluster_;
};

}  // namespace rmq::testbroker
