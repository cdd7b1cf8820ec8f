// A cluster in a simulated world: one NameServer and some brokers with their slaves, each on a host
// of its own.
//
//   transport::MemoryNetwork network(seed);
//   test::MemoryCluster cluster(network, 3, {.topics = {{.name = "orders"}}});
//   … cluster.nameserver().address() … cluster.broker(0)->crash(5s, Memory::kept) …
//
// With slaves: MemoryCluster cluster(network, 2, options, {.slaves = 1}); cluster.slave(0, 0) is
// the first of the first broker, and cluster.cluster().promote(*cluster.broker(0)) has it take
// over.
//
// A broker that is down stays in the routes, as it does until NameServers notice; that they have
// noticed is cluster.broker(i)->leave_routes().
#pragma once

#include <deque>
#include <string>

#include "testbroker/cluster.h"
#include "testbroker/cluster_options.h"
#include "tests/support/memory_server.h"

namespace rmq::test {

struct MemorySlaves {
  std::size_t slaves = 0;  // of each broker
  base::Duration lag{0};   // after which they have what their master has
};

class MemoryCluster {
 public:
  // The NameServer is 10.0.0.1:9876, the i-th broker 10.0.<1 + i / 200>.<1 + i % 200>:10911; slaves
  // are 10.1.…, in the order of their brokers.
  MemoryCluster(transport::MemoryNetwork& network, std::size_t brokers,
                testbroker::ServerOptions options = {}, MemorySlaves slaves = {})
      : slaves_(slaves.slaves),
        nameserver_(network, "10.0.0.1:9876", make_nameserver_options(options)),
        cluster_(slaves.lag) {
    cluster_.add(*nameserver_);
    for (std::size_t i = 0; i < brokers; ++i) {
      auto broker = testbroker::make_broker_options(options, i, routes_);
      broker.nameserver = false;
      cluster_.add(*brokers_.emplace_back(network, name_address(i), broker));
    }
    for (std::size_t i = 0; i < brokers * slaves_; ++i) {
      auto master = testbroker::make_broker_options(options, i / slaves_, routes_);
      const auto id = static_cast<std::int64_t>(1 + i % slaves_);
      cluster_.add(*brokers_.emplace_back(network, name_address(i, 1),
                                          testbroker::make_slave_options(master, id, 0)));
    }
  }

  MemoryServer& nameserver() { return nameserver_; }
  MemoryServer& broker(std::size_t index) { return brokers_.at(index); }
  std::size_t broker_count() const { return brokers_.size() / (1 + slaves_); }
  MemoryServer& slave(std::size_t broker, std::size_t index = 0) {
    return brokers_.at(broker_count() + broker * slaves_ + index);
  }
  // The first is the one that was the master in the beginning.
  MemoryServer& replica(std::size_t broker, std::size_t index) {
    return index == 0 ? this->broker(broker) : slave(broker, index - 1);
  }
  // The one that is the master now, or was the last one.
  MemoryServer& master(std::size_t broker) {
    for (std::size_t i = 0; i <= slaves_; ++i) {
      if (replica(broker, i)->is_master()) return replica(broker, i);
    }
    return this->broker(broker);
  }
  testbroker::Cluster& cluster() { return cluster_; }
  testbroker::RouteTable& routes() { return routes_; }

 private:
  static constexpr std::size_t kHostsPerNet = 200;

  static std::string name_address(std::size_t index, std::size_t net = 0) {
    return "10." + std::to_string(net) + "." + std::to_string(1 + index / kHostsPerNet) + "." +
           std::to_string(1 + index % kHostsPerNet) + ":10911";
  }
  testbroker::ServerOptions make_nameserver_options(testbroker::ServerOptions options) {
    options.broker = false;
    options.shared_routes = &routes_;
    return options;
  }

  std::size_t slaves_;
  testbroker::RouteTable routes_;  // outlives all servers
  MemoryServer nameserver_;
  std::deque<MemoryServer> brokers_;  // masters, then slaves
  testbroker::Cluster cluster_;       // last: destroyed first
};

}  // namespace rmq::test
