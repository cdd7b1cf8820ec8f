// A cluster of simulated brokers: servers that share one RouteTable, as brokers share NameServers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/instant.h"
#include "testbroker/route_table.h"
#include "testbroker/server_options.h"

namespace rmq::testbroker {

struct ClusterOptions {
  ServerOptions first;             // of the first broker; the others follow from it
  std::size_t brokers = 1;         // masters
  std::size_t slaves = 0;          // of each master
  base::Duration slave_lag{0};     // after which slaves have what their master has; 0: at once
  bool separate_namesrv = false;   // a NameServer on a port of its own, not the first broker's
  std::vector<std::string> rules;  // of every server's script, see script_text.h
  std::string scenario;            // path of a scenario file, see scenario.h
};

inline constexpr std::size_t kBrokersMax = 200;
inline constexpr std::size_t kSlavesMax = 8;

// ARGUMENT when these cannot be served together.
base::Status check(const ClusterOptions& options);

// The names of a cluster from its first: broker-a, broker-b, …, broker-z, broker-a-27, …
std::string name_broker(std::string_view first_name, std::size_t index);

// How the index-th broker (from 0) is set up, given how the first is. It has a name of its own, and
// the port `index` further on, or a free one as the first has. Only the first has a NameServer.
ServerOptions make_broker_options(const ServerOptions& first, std::size_t index,
                                  RouteTable& routes);

// How a slave of that master is set up. It has broker id `id` (from 1), and the port `port_step`
// further on, or a free one as the master has.
ServerOptions make_slave_options(const ServerOptions& master, std::int64_t id,
                                 std::size_t port_step);

// A NameServer without a broker, given how the first broker is set up.
ServerOptions make_namesrv_options(const ServerOptions& first, RouteTable& routes);

}  // namespace rmq::testbroker
