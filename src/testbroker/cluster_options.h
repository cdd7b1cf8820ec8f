// A cluster of simulated brokers: servers that share one RouteTable, as brokers share NameServers.
#pragma once

#include <string>
#include <string_view>

#include "testbroker/route_table.h"
#include "testbroker/server_options.h"

namespace rmq::testbroker {

// The names of a cluster from its first: broker-a, broker-b, …, broker-z, broker-a-27, …
std::string name_broker(std::string_view first_name, std::size_t index);

// How the index-th broker (from 0) is set up, given how the first is. It has a name of its own, the
// port `index` further on, or a free one as the first has, and no NameServer unless it is the
// first.
ServerOptions make_broker_options(const ServerOptions& first, std::size_t index,
                                  RouteTable& routes);

}  // namespace rmq::testbroker
