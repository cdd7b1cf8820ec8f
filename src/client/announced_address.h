// Tells a user who cannot reach a broker where its address came from.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "cluster/route_table.h"

namespace rmq::client {

// A broker in a container announces an address of the container's inside unless it is told another.
// No setting of the client has that address. Without a word about it users look for the fault
// in the wrong place. Where `error` says that no connection was made, adds to it that the
// NameServer announced the address for `broker_name`, and what to do. Throws bad_alloc only.
void explain_announced_address(std::string_view broker_name, base::Error* error);
// The same for the broker that has the error's address, if there is one.
void explain_announced_address(const std::vector<cluster::KnownBroker>& known_brokers,
                               base::Error* error);

}  // namespace rmq::client
