// Host and port as users write them, and socket addresses as the system takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace rmq::transport {

// Of a DNS name; IPv6 literals with a scope are shorter.
constexpr std::size_t kHostBytesMax = 255;

// "host:port", "1.2.3.4:10911", "[::1]:10911" or "::1:10911" (split at the last colon, as RocketMQ
// does).
struct HostPort {
  std::string host;  // without brackets
  std::uint16_t port = 0;

  static base::Result<HostPort> parse(std::string_view text);
  std::string to_text() const;  // IPv6 literals get their brackets
  bool operator==(const HostPort&) const = default;
};

// A numeric address. Value type; comparable.
struct SocketAddress {
  bool v6 = false;
  std::uint8_t ip[16] = {};  // 4 or 16 bytes, network order
  std::uint16_t port = 0;
  std::uint32_t scope_id = 0;  // of link-local IPv6 addresses

  // Empty result when `host` is a name and not a literal.
  static bool parse_literal(std::string_view host, std::uint16_t port, SocketAddress* out);
  std::string to_text() const;  // "ip:port"
  bool operator==(const SocketAddress&) const = default;
};

}  // namespace rmq::transport
