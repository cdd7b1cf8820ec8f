#include "transport/local_address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>

namespace rmq::transport {
namespace {

bool read_address(const ifaddrs& entry, SocketAddress* address) {
  if (!entry.ifa_addr || !(entry.ifa_flags & IFF_UP) || (entry.ifa_flags & IFF_LOOPBACK))
    return false;
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, entry.ifa_addr, sizeof in);
    std::memcpy(address->ip, &in.sin_addr, 4);
    address->v6 = false;
    return true;
  }
  if (entry.ifa_addr->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, entry.ifa_addr, sizeof in);
    if (IN6_IS_ADDR_LINKLOCAL(&in.sin6_addr)) return false;
    std::memcpy(address->ip, &in.sin6_addr, 16);
    address->v6 = true;
    return true;
  }
  return false;
}

}  // namespace

SocketAddress find_local_address() {
  SocketAddress best;
  best.ip[0] = 127;
  best.ip[3] = 1;
  bool found = false;
  ifaddrs* entries = nullptr;
  if (::getifaddrs(&entries) != 0) return best;
  for (const ifaddrs* entry = entries; entry; entry = entry->ifa_next) {
    SocketAddress address;
    if (!read_address(*entry, &address)) continue;
    if (found && (address.v6 || !best.v6)) continue;
    best = address;
    found = true;
  }
  ::freeifaddrs(entries);
  return best;
}

}  // namespace rmq::transport
