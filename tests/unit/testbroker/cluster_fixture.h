// A simulated world with a NameServer, two brokers and a slave of each.
#pragma once

#include <string>
#include <string_view>

#include "protocol/offsets.h"
#include "protocol/topic_route.h"
#include "testbroker/command.h"
#include "tests/support/memory_cluster.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {

class ClusterWithSlaves : public ::testing::Test {
 protected:
  explicit ClusterWithSlaves(base::Duration lag = base::Duration{0}, ServerOptions options = {})
      : cluster_(network_, 2, with_topic(std::move(options)), {.slaves = 1, .lag = lag}) {}

  static ServerOptions with_topic(ServerOptions options) {
    options.topics.push_back({.name = "orders"});
    return options;
  }
  Server& master() { return *cluster_.broker(0); }
  Server& slave() { return *cluster_.slave(0); }
  void run(base::Duration duration = 20ms) { network_.advance(duration); }
  test::RawClient& connect(Server& server) {
    return clients_.emplace_back(host_, server.address());
  }
  wire::Command ask(test::RawClient& client, const wire::Command& request) {
    client.send(request);
    run();
    const wire::Command* answer = client.answer_to(request.opaque);
    if (answer != nullptr) return *answer;
    wire::Command none;
    none.code = World::kNoAnswer;
    return none;
  }
  // On a connection of its own.
  wire::Command ask(Server& server, const wire::Command& request) {
    return ask(connect(server), request);
  }
  // The reply, or the sentence of the failure behind "ERROR ".
  std::string command(std::string_view line) {
    std::string reply;
    const auto status = run_command(line, cluster_.cluster(), &reply);
    return status.ok() ? reply : "ERROR " + status.error().message;
  }
  // By broker id, as the NameServer tells them.
  std::map<std::int64_t, std::string> addresses_of(std::string_view broker_name) {
    const auto answer = ask(*cluster_.nameserver(), make_route_request(1, "orders"));
    if (answer.code != 0) return {};
    const auto route = protocol::parse_topic_route(answer.body).take_value();
    for (const auto& broker : route.brokers) {
      if (broker.broker_name == broker_name) return broker.addresses;
    }
    return {};
  }

  transport::MemoryNetwork network_{1};
  transport::MemoryLoop host_{network_, "10.9.0.1"};
  test::MemoryCluster cluster_;
  std::deque<test::RawClient> clients_;
};

}  // namespace rmq::testbroker
