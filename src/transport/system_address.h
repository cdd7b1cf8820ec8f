// Our addresses as the system's, and back.
#pragma once

#include <sys/socket.h>

#include "transport/address.h"

namespace rmq::transport {

sockaddr_storage to_sockaddr(const SocketAddress& address);
// False for families other than IPv4 and IPv6.
bool from_sockaddr(const sockaddr* system, SocketAddress* out);

}  // namespace rmq::transport
