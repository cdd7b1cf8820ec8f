#include "transport/uv_address.h"

#include "transport/system_address.h"

namespace rmq::transport {

SocketAddress local_address_of(const uv_tcp_t* handle) {
  SocketAddress address;
  sockaddr_storage storage{};
  int size = sizeof storage;
  auto* system = reinterpret_cast<sockaddr*>(&storage);
  if (uv_tcp_getsockname(handle, system, &size) == 0) from_sockaddr(system, &address);
  return address;
}

std::string peer_address_of(const uv_tcp_t* handle) {
  SocketAddress address;
  sockaddr_storage storage{};
  int size = sizeof storage;
  auto* system = reinterpret_cast<sockaddr*>(&storage);
  if (uv_tcp_getpeername(handle, system, &size) != 0) return "unknown peer";
  return from_sockaddr(system, &address) ? address.to_text() : "unknown peer";
}

}  // namespace rmq::transport
