// The address by which others probably know this host: of the first interface that is up and not
// loopback, IPv4 first.
#pragma once

#include "transport/address.h"

namespace rmq::transport {

// 127.0.0.1 when there is none. The port is 0.
SocketAddress find_local_address();

}  // namespace rmq::transport
