// Property names that only RocketMQ and its clients may set (protocol.md 7.3).
#pragma once

#include <string_view>

namespace rmq::protocol {

bool is_reserved_property(std::string_view name);

}  // namespace rmq::protocol
