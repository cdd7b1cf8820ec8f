#include "config/address_list.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/blank.h"
#include "base/quote.h"
#include "config/option.h"

namespace rmq::config {
namespace {

using base::ErrorCode;
using base::Result;

constexpr std::size_t kHostBytesMax = 255;
constexpr std::size_t kEntryBytesShown = 2 * kHostBytesMax;
constexpr std::string_view kWideSemicolon = "\xef\xbc\x9b";

base::Error refuse(std::string_view text, std::string_view why, std::string hint = {}) {
  return base::make_error(ErrorCode::ARGUMENT,
                          base::quote(text, kEntryBytesShown) + ", which " + std::string(why),
                          std::move(hint));
}

// IPv6 literals are only looked over here; whoever connects reads them for real. Host names are
// ASCII on the wire.
bool is_host_character(char c, bool v6) {
  const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  if (v6) return hex || c == ':' || c == '.';
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7f &&
         std::string_view(":/\\[]@,;=?#").find(c) == std::string_view::npos;
}

// A host alone; an IPv6 literal needs its brackets when `bare_v6` is false.
bool is_host(std::string_view host, bool bare_v6) {
  bool v6 = bare_v6 && host.find(':') != host.rfind(':');
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    v6 = true;
  }
  if (v6) host = host.substr(0, host.find('%'));  // the scope may be any interface name
  if (host.empty() || host.size() > kHostBytesMax) return false;
  return std::all_of(host.begin(), host.end(), [v6](char c) { return is_host_character(c, v6); });
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

// What most people meant by an entry that cannot be read.
std::string hint_for(std::string_view entry) {
  if (entry.find("://") != std::string_view::npos) return "write addresses without http://";
  if (entry.find(',') != std::string_view::npos) return "separate addresses with ;";
  if (entry.find(kWideSemicolon) != std::string_view::npos) {
    return "separate addresses with the ; of ASCII, not with " + base::quote(kWideSemicolon);
  }
  return {};
}

// RocketMQ splits at the last colon, so that "::1:9876" is host "::1".
Result<std::string> parse_host_port(std::string_view entry) {
  const std::size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos) return refuse(entry, "has no port", hint_for(entry));
  const std::string_view host = base::trim_blanks(entry.substr(0, colon));
  const std::string_view port = base::trim_blanks(entry.substr(colon + 1));
  if (host.empty()) return refuse(entry, "has no host");
  if (!is_host(host, true)) {
    return refuse(entry, "has a host that cannot be one", hint_for(entry));
  }
  if (!is_port(port)) {
    return refuse(entry, "has a port that is no number from 1 to 65535", hint_for(entry));
  }
  return std::string(host) + ":" + std::string(port);
}

Result<std::string> parse_pair(std::string_view entry) {
  const std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos) return refuse(entry, "has no =");
  const std::string_view from = base::trim_blanks(entry.substr(0, equals));
  const std::string_view to = base::trim_blanks(entry.substr(equals + 1));
  if (is_host(from, false) && is_host(to, false)) return std::string(from) + "=" + std::string(to);
  auto from_address = parse_host_port(from);
  auto to_address = parse_host_port(to);
  if (!from_address.ok() || !to_address.ok())
    return refuse(entry, "has not twice host:port nor twice a host");
  return from_address.value() + "=" + to_address.value();
}

Result<std::string> parse_entries(std::string_view text,
                                  Result<std::string> (*parse)(std::string_view)) {
  std::vector<std::string> entries;
  base::Status failed;
  for_each_word(text, ';', [&](std::string_view entry, std::size_t) {
    entry = base::trim_blanks(entry);
    if (entry.empty() || !failed.ok()) return;
    auto parsed = parse(entry);
    if (!parsed.ok()) {
      failed = parsed.take_error();
    } else if (std::find(entries.begin(), entries.end(), parsed.value()) == entries.end()) {
      entries.push_back(parsed.take_value());
    }
  });
  if (!failed.ok()) return failed.take_error();
  if (entries.empty()) return refuse(text, "names no address");
  std::string plain;
  for (const std::string& entry : entries) plain += (plain.empty() ? "" : ";") + entry;
  return plain;
}

}  // namespace

Result<std::string> parse_address_list(std::string_view text) {
  return parse_entries(text, parse_host_port);
}

Result<std::string> parse_address_map(std::string_view text) {
  return parse_entries(text, parse_pair);
}

}  // namespace rmq::config
