// The VIP channel of a broker (protocol.md 14.3): the same host, two ports lower.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rmq::protocol {

// Empty unless the address ends in a port above 2.
std::optional<std::string> vip_address(std::string_view address);

}  // namespace rmq::protocol
