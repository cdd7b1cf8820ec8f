// Stands between RocketMQ clients and servers on loopback, knows frames, and plays faults on
// command.
//
// A client comes in through an entrance: an address that stands for the NameServer. Every route
// that passes an entrance names addresses of the same entrance in place of those of the brokers, so
// all traffic of the client stays in the proxy. Each client of a test gets an entrance of its own;
// rules and counts tell clients apart by them.
//
//   FaultProxy proxy({{"namesrv", "127.0.0.1:9876"}, {"broker-a", "127.0.0.1:10911"}});
//   const std::string namesrv_addr = proxy.open_entrance("ours");
//   proxy.cut({"ours", "broker"});                 // resets the connections to all brokers
//   proxy.add({.match = {.request_code = 11, .direction = FrameDirection::to_client},
//              .fault = FrameFault::make_damage(FramePart::body, 0, 1), .count = 1});
//
// A server that is really gone is gone for clients, too: its port refuses until it is back.
// All functions may be called from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/fault_rule.h"

namespace rmq::test {

// The NameServer's name is "namesrv".
struct ProxiedServer {
  std::string name;
  std::string address;
};

class FaultProxy {
 public:
  explicit FaultProxy(std::vector<ProxiedServer> servers);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // Listens when it returns. Gives what the client is to be told as its NameServer. Throws
  // std::runtime_error when there is no port.
  std::string open_entrance(const std::string& name);
  // The address at which an entrance stands for a server.
  std::string address_of(const std::string& entrance, const std::string& server) const;

  // Faults of single frames. The rule that was added first and matches decides.
  std::size_t add(const FaultRule& rule);
  void remove(std::size_t rule);
  std::size_t hits(std::size_t rule) const;  // frames that it has harmed

  // Faults of connections that are open now.
  void cut(const ProxyPlace& place);
  void silence(const ProxyPlace& place, bool keeps_server_side);
  // Until accept(): resets all connections and refuses new ones.
  void refuse(const ProxyPlace& place);
  void accept(const ProxyPlace& place);

  // Figures since the start. Requests are counted with their answers as one.
  std::size_t connections_made(const ProxyPlace& place) const;
  std::size_t requests(const ProxyPlace& place, std::int32_t code) const;
  // How often pull requests of a queue came from another entrance than the one before, over all
  // queues of topics that begin with `topic`.
  std::size_t queue_moves(const std::string& topic) const;
  // What happened, one line each with the seconds since the start: connections, faults, and all
  // requests except sends and pulls.
  std::vector<std::string> history() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace rmq::test
