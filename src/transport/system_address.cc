#include "transport/system_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace rmq::transport {

sockaddr_storage to_sockaddr(const SocketAddress& address) {
  sockaddr_storage storage{};
  if (address.v6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    v6.sin6_scope_id = address.scope_id;
    std::memcpy(&v6.sin6_addr, address.ip, sizeof v6.sin6_addr);
    std::memcpy(&storage, &v6, sizeof v6);
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, address.ip, sizeof v4.sin_addr);
    std::memcpy(&storage, &v4, sizeof v4);
  }
  return storage;
}

bool from_sockaddr(const sockaddr* system, SocketAddress* out) {
  SocketAddress address;
  if (system->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, system, sizeof v4);
    std::memcpy(address.ip, &v4.sin_addr, sizeof v4.sin_addr);
    address.port = ntohs(v4.sin_port);
  } else if (system->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, system, sizeof v6);
    std::memcpy(address.ip, &v6.sin6_addr, sizeof v6.sin6_addr);
    address.v6 = true;
    address.port = ntohs(v6.sin6_port);
    address.scope_id = v6.sin6_scope_id;
  } else {
    return false;
  }
  *out = address;
  return true;
}

}  // namespace rmq::transport
