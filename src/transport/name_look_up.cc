#include "transport/name_look_up.h"

#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "transport/system_address.h"

namespace rmq::transport {
namespace {

constexpr std::size_t kAddressesMax = 64;

base::Error look_up_failed(const HostPort& name, const std::string& why) {
  return base::make_error(base::ErrorCode::CANNOT_RESOLVE, "looking up " + name.host + ": " + why,
                          "check the name and this machine's resolver");
}

}  // namespace

base::Result<std::vector<SocketAddress>> look_up_with_system(const HostPort& name) {
  if (name.host.empty() || name.host.find('\0') != std::string::npos) {
    return look_up_failed(name, "not a host name");
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* answer = nullptr;
  const int failed = getaddrinfo(name.host.c_str(), nullptr, &hints, &answer);
  if (failed == EAI_MEMORY) return base::make_memory_error();
  if (failed == EAI_SYSTEM && (errno == EMFILE || errno == ENFILE)) {
    return base::make_error(base::ErrorCode::DESCRIPTORS,
                            "looking up " + name.host + ": no descriptor is left");
  }
  if (failed == EAI_SYSTEM) return look_up_failed(name, std::strerror(errno));
  if (failed != 0) return look_up_failed(name, gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(answer, freeaddrinfo);

  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = answer; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    if (!from_sockaddr(entry->ai_addr, &address)) continue;
    address.port = name.port;
    const bool known = std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    if (!known && addresses.size() < kAddressesMax) addresses.push_back(address);
  }
  if (addresses.empty()) return look_up_failed(name, "no IPv4 or IPv6 address");
  return addresses;
}

}  // namespace rmq::transport
