#include "transport/address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/quote.h"

namespace rmq::transport {
namespace {

constexpr std::size_t kTextBytesMax = kHostBytesMax + sizeof("[]:65535");

base::Error bad_address(std::string_view text, const std::string& what) {
  return base::make_error(base::ErrorCode::ARGUMENT,
                          "address " + base::quote(text, 128) + ": " + what,
                          "expected host:port, for example 127.0.0.1:9876 or [::1]:9876");
}

// Decimal digits only: no sign, no spaces.
std::optional<std::uint32_t> parse_decimal(std::string_view digits, std::uint64_t max) {
  std::uint64_t value = 0;
  if (digits.empty() || digits.size() > 10) return std::nullopt;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > max) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

// Host names are ASCII on the wire.
bool is_host_byte(unsigned char c) { return c > 0x20 && c < 0x7f && c != '[' && c != ']'; }

}  // namespace

base::Result<HostPort> HostPort::parse(std::string_view text) {
  if (text.empty()) return bad_address(text, "is empty");
  if (text.size() > kTextBytesMax) {
    return bad_address(text, "has " + std::to_string(text.size()) + " bytes, limit " +
                                 std::to_string(kTextBytesMax));
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text, "has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);

  const bool bracketed = !host.empty() && host.front() == '[';
  if (bracketed) {
    if (host.size() < 2 || host.back() != ']') {
      return bad_address(text, "has '[' but no ']' before its port");
    }
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) return bad_address(text, "has no host");
  if (host.size() > kHostBytesMax) {
    return bad_address(text, "has a host of " + std::to_string(host.size()) + " bytes, limit " +
                                 std::to_string(kHostBytesMax));
  }
  if (!std::all_of(host.begin(), host.end(), is_host_byte)) {
    return bad_address(text, "has a byte in its host that no host name may have");
  }
  SocketAddress literal;
  const bool v6 = SocketAddress::parse_literal(host, 0, &literal) && literal.v6;
  if (!v6 && (bracketed || host.find(':') != std::string_view::npos)) {
    return bad_address(text, "has a host that is no IPv6 address");
  }
  const auto port = parse_decimal(port_text, 65535);
  if (!port || *port == 0) return bad_address(text, "has no port between 1 and 65535");
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string HostPort::to_text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool SocketAddress::parse_literal(std::string_view host, std::uint16_t port, SocketAddress* out) {
  char text[INET6_ADDRSTRLEN] = {};
  const std::size_t percent = host.find('%');
  const std::string_view number = host.substr(0, percent);
  if (number.empty() || number.size() >= sizeof text) return false;
  if (number.find('\0') != std::string_view::npos) return false;
  std::memcpy(text, number.data(), number.size());

  SocketAddress address;
  address.port = port;
  if (percent == std::string_view::npos && inet_pton(AF_INET, text, address.ip) == 1) {
    *out = address;
    return true;
  }
  if (inet_pton(AF_INET6, text, address.ip) != 1) return false;
  address.v6 = true;
  if (percent != std::string_view::npos) {
    const std::string scope(host.substr(percent + 1));
    const auto id = parse_decimal(scope, UINT32_MAX);
    address.scope_id = id ? *id : scope.size() < IF_NAMESIZE ? if_nametoindex(scope.c_str()) : 0;
    if (address.scope_id == 0) return false;
  }
  *out = address;
  return true;
}

std::string SocketAddress::to_text() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6 ? AF_INET6 : AF_INET, ip, text, sizeof text);
  std::string result = text;
  if (scope_id != 0) result += "%" + std::to_string(scope_id);
  return (v6 ? "[" + result + "]" : result) + ":" + std::to_string(port);
}

}  // namespace rmq::transport
