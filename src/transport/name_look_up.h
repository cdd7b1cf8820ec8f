// Names to addresses, blocking: what a resolver runs on a thread of its own.
#pragma once

#include <functional>
#include <vector>

#include "base/error.h"
#include "transport/address.h"

namespace rmq::transport {

// Runs on any thread, possibly after the loop that asked is gone: it must stand alone. At least one
// address, or an error. Resolvers may ask with port 0, and set the ports themselves.
using NameLookUp = std::function<base::Result<std::vector<SocketAddress>>(const HostPort&)>;

// getaddrinfo, in the order in which the system wants the addresses tried; blocks for as long as
// the system's resolver does.
base::Result<std::vector<SocketAddress>> look_up_with_system(const HostPort& name);

}  // namespace rmq::transport
