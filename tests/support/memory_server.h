// A server in a simulated world, as a member of a test or a fixture.
//
//   transport::MemoryNetwork network(seed);
//   test::MemoryServer broker(network, "10.0.0.1:10911", {.topics = {{.name = "orders"}}});
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "testbroker/server.h"
#include "transport/memory_loop.h"
#include "transport/memory_network.h"

namespace rmq::test {

class MemoryServer {
 public:
  // Listens at once; throws when the address is bad or taken, which is the test's mistake.
  MemoryServer(transport::MemoryNetwork& network, std::string_view address,
               testbroker::ServerOptions options = {})
      : loop_(network, parse(address).host), server_(loop_, with_address(address, options)) {
    if (const base::Status status = server_.start(); !status.ok()) {
      throw std::runtime_error(status.error().message);
    }
  }

  testbroker::Server& operator*() { return server_; }
  testbroker::Server* operator->() { return &server_; }
  transport::MemoryLoop& loop() { return loop_; }
  transport::SocketAddress address() const { return server_.address(); }

 private:
  static transport::HostPort parse(std::string_view address) {
    auto parsed = transport::HostPort::parse(address);
    if (!parsed.ok()) throw std::runtime_error(parsed.error().message);
    return parsed.take_value();
  }
  static testbroker::ServerOptions with_address(std::string_view address,
                                                testbroker::ServerOptions options) {
    const transport::HostPort parsed = parse(address);
    transport::SocketAddress::parse_literal(parsed.host, parsed.port, &options.listen_address);
    return options;
  }

  transport::MemoryLoop loop_;
  testbroker::Server server_;
};

}  // namespace rmq::test
