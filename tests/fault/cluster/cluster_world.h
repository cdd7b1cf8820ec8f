// What cluster/ needs around it, on simulated time: a loop, connections, and NameServers to ask.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "cluster/name_servers.h"
#include "cluster/route_table.h"
#include "testbroker/route_table.h"
#include "tests/support/memory_server.h"
#include "transport/memory_loop.h"
#include "transport/memory_network.h"

namespace rmq::cluster::testing {

class ClusterWorld : public ::testing::Test,
                     private remoting::StreamFactory,
                     private EndpointHandler {
 protected:
  explicit ClusterWorld(std::uint64_t seed = 1)
      : network(seed),
        loop(network, "10.0.9.1"),
        deadlines(loop),
        endpoints(loop, deadlines, *this, *this, connection_options()),
        name_servers(loop, endpoints, decorator) {}

  static std::string address_of(int n) { return "10.0.1." + std::to_string(n) + ":9876"; }
  testbroker::Server& add_name_server(int n) {
    testbroker::ServerOptions options;
    options.broker = false;
    options.shared_routes = &known;
    servers.push_back(std::make_unique<test::MemoryServer>(network, address_of(n), options));
    return **servers.back();
  }
  void use_name_servers(int count) {
    std::vector<transport::HostPort> addresses;
    for (int n = 1; n <= count; ++n) {
      addresses.push_back(transport::HostPort::parse(address_of(n)).take_value());
    }
    name_servers.set_addresses(addresses);
  }
  std::uint64_t requests(std::size_t server) const { return (*servers[server])->counts().requests; }
  std::uint64_t all_requests() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < servers.size(); ++i) sum += requests(i);
    return sum;
  }

  static remoting::ConnectionOptions connection_options() {
    remoting::ConnectionOptions options;
    options.server_role = base::ServerRole::nameserver;
    return options;
  }

  transport::MemoryNetwork network;
  testbroker::RouteTable known;  // to the NameServers
  std::vector<std::unique_ptr<test::MemoryServer>> servers;
  transport::MemoryLoop loop;
  remoting::Deadlines deadlines;
  Endpoints endpoints;
  const RequestDecorator decorator{};
  NameServers name_servers;

 private:
  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort&) override {
    return loop.make_stream();
  }
  void on_state_changed(Endpoint&, remoting::Connection&, remoting::ConnectionState,
                        remoting::ConnectionState, const base::Error*) override {}
  void on_server_request(const wire::CommandView&, const base::SlabRef&,
                         remoting::Connection&) override {}
};

}  // namespace rmq::cluster::testing
