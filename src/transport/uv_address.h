// The addresses of libuv's sockets. Only the uv_*.cc files include this.
#pragma once

#include <uv.h>

#include <string>

#include "transport/address.h"

namespace rmq::transport {

SocketAddress local_address_of(const uv_tcp_t* handle);
std::string peer_address_of(const uv_tcp_t* handle);

}  // namespace rmq::transport
