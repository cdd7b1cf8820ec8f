#include "protocol/vip_address.h"

#include "base/decimal.h"

namespace rmq::protocol {

std::optional<std::string> vip_address(std::string_view address) {
  const std::size_t colon = address.rfind(':');  // IPv6 hosts have colons of their own
  if (colon == address.npos) return std::nullopt;
  const auto port = base::parse_int32(address.substr(colon + 1));
  if (!port || *port <= 2) return std::nullopt;
  return std::string(address.substr(0, colon + 1)) + std::to_string(*port - 2);
}

}  // namespace rmq::protocol
