// A cluster in a simulated world: one NameServer and some brokers, each on a host of its own.
//
//   transport::MemoryNetwork network(seed);
//   test::MemoryCluster cluster(network, 3, {.topics = {{.name = "orders"}}});
//   … cluster.nameserver().address() … cluster.broker(0)->crash(5s, Memory::kept) …
//
// A broker that is down stays in the routes, as it does until NameServers notice; that they have
// noticed is cluster.broker(i)->leave_routes().
#pragma once

#include <deque>
#include <string>

#include "testbroker/cluster_options.h"
#include "tests/support/memory_server.h"

namespace rmq::test {

class MemoryCluster {
 public:
  // The NameServer is 10.0.0.1:9876, the i-th broker 10.0.<1 + i / 200>.<1 + i % 200>:10911.
  MemoryCluster(transport::MemoryNetwork& network, std::size_t brokers,
                testbroker::ServerOptions options = {})
      : nameserver_(network, "10.0.0.1:9876", make_nameserver_options(options)) {
    for (std::size_t i = 0; i < brokers; ++i) {
      auto broker = testbroker::make_broker_options(options, i, routes_);
      broker.nameserver = false;
      brokers_.emplace_back(network, name_address(i), broker);
    }
  }

  MemoryServer& nameserver() { return nameserver_; }
  MemoryServer& broker(std::size_t index) { return brokers_.at(index); }
  std::size_t broker_count() const { return brokers_.size(); }
  testbroker::RouteTable& routes() { return routes_; }

 private:
  static constexpr std::size_t kHostsPerNet = 200;

  static std::string name_address(std::size_t index) {
    return "10.0." + std::to_string(1 + index / kHostsPerNet) + "." +
           std::to_string(1 + index % kHostsPerNet) + ":10911";
  }
  testbroker::ServerOptions make_nameserver_options(testbroker::ServerOptions options) {
    options.broker = false;
    options.shared_routes = &routes_;
    return options;
  }

  testbroker::RouteTable routes_;  // first: outlives all servers
  MemoryServer nameserver_;
  std::deque<MemoryServer> brokers_;
};

}  // namespace rmq::test
