#include "config/option_value.h"

#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include "base/utf8.h"

namespace rmq::config {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr std::size_t kQuotedBytesMax = 64;
constexpr std::size_t kHostBytesMax = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};
constexpr Suffix kDurationSuffixes[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}};
constexpr Suffix kByteSuffixes[] = {{"k", 1024}, {"m", 1048576}};

// Digits with an optional '-', then nothing or one of the suffixes; empty when it is anything else
// or does not fit.
template <std::size_t N>
std::optional<std::int64_t> parse_number(std::string_view text, const Suffix (&suffixes)[N]) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return std::nullopt;
  const std::string suffix =
      to_lower({end, static_cast<std::size_t>(text.data() + text.size() - end)});
  if (suffix.empty()) return number;
  for (const Suffix& known : suffixes) {
    if (suffix != known.text) continue;
    const std::int64_t limit = std::numeric_limits<std::int64_t>::max() / known.factor;
    if (number > limit || number < -limit) return std::nullopt;
    return number * known.factor;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_plain_number(std::string_view text) {
  constexpr Suffix kNoSuffix[] = {{"", 1}};
  return parse_number(text, kNoSuffix);
}

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string word = to_lower(text);
  if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off") return false;
  return std::nullopt;
}

std::optional<OptionValue> parse_choice(std::string_view words, std::string_view text) {
  std::optional<OptionValue> chosen;
  const std::string wanted = to_lower(text);
  for_each_word(words, '|', [&](std::string_view word, std::size_t index) {
    if (word == wanted) chosen = OptionValue{wanted, static_cast<std::int64_t>(index)};
  });
  return chosen;
}

bool is_text(const OptionInfo& info, std::string_view text) {
  const auto length = static_cast<std::int64_t>(text.size());
  return length >= info.minimum && length <= info.maximum &&
         text.find('\0') == std::string_view::npos && base::is_utf8(text);
}

// IPv6 literals are only looked over here; whoever connects reads them for real.
bool is_host_character(char c, bool v6) {
  const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  if (v6) return hex || c == ':' || c == '.';
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f &&
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
  for (const char c : host) {
    if (!is_host_character(c, v6)) return false;
  }
  return true;
}

// RocketMQ splits at the last colon, so that "::1:9876" is host "::1".
bool is_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = parse_plain_number(text.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535 && is_digit(text[colon + 1]) &&
         is_host(text.substr(0, colon), true);
}

bool is_address_pair(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view from = trim(text.substr(0, equals));
  const std::string_view to = trim(text.substr(equals + 1));
  return (is_host(from, false) && is_host(to, false)) || (is_host_port(from) && is_host_port(to));
}

// Entries trimmed and joined by ';'; empty ones are left out, as Java does.
std::optional<std::string> parse_entries(std::string_view text, bool (*accept)(std::string_view)) {
  std::string plain;
  bool good = true;
  for_each_word(text, ';', [&](std::string_view entry, std::size_t) {
    entry = trim(entry);
    if (entry.empty()) return;
    good = good && accept(entry);
    if (!plain.empty()) plain.push_back(';');
    plain.append(entry);
  });
  if (!good || plain.empty()) return std::nullopt;
  return plain;
}

bool is_timestamp(std::string_view text) {
  if (text.size() != 14) return false;
  for (char c : text) {
    if (!is_digit(c)) return false;
  }
  const auto field = [&](std::size_t at, std::size_t length) {
    return parse_plain_number(text.substr(at, length)).value_or(-1);
  };
  const auto year = field(0, 4);
  const auto month = field(4, 2);
  const auto day = field(6, 2);
  if (year < 1970 || month < 1 || month > 12) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int days = kDays[month - 1] + (month == 2 && leap ? 1 : 0);
  return day >= 1 && day <= days && field(8, 2) < 24 && field(10, 2) < 60 && field(12, 2) < 60;
}

std::optional<OptionValue> from_number(const OptionInfo& info, std::optional<std::int64_t> number) {
  if (!number || *number < info.minimum || *number > info.maximum) return std::nullopt;
  return OptionValue{std::to_string(*number), *number};
}

std::optional<OptionValue> from_text(std::optional<std::string> text) {
  if (!text) return std::nullopt;
  return OptionValue{*std::move(text), 0};
}

std::optional<OptionValue> parse_value(const OptionInfo& info, std::string_view text) {
  switch (info.kind) {
    case OptionKind::kBoolean: {
      const auto flag = parse_boolean(text);
      if (!flag) return std::nullopt;
      return OptionValue{*flag ? "true" : "false", *flag ? 1 : 0};
    }
    case OptionKind::kInteger:
    case OptionKind::kMebibytes:
      return from_number(info, parse_plain_number(text));
    case OptionKind::kDuration:
      return from_number(info, parse_number(text, kDurationSuffixes));
    case OptionKind::kBytes:
      return from_number(info, parse_number(text, kByteSuffixes));
    case OptionKind::kChoice:
      return parse_choice(info.words, text);
    case OptionKind::kText:
    case OptionKind::kSecret:
    case OptionKind::kFile:
      if (!is_text(info, text)) return std::nullopt;
      return OptionValue{std::string(text), 0};
    case OptionKind::kAddressList:
      if (!is_text(info, text)) return std::nullopt;
      return from_text(parse_entries(text, is_host_port));
    case OptionKind::kAddressMap:
      if (!is_text(info, text)) return std::nullopt;
      return from_text(parse_entries(text, is_address_pair));
    case OptionKind::kTimestamp:
      if (!is_timestamp(text)) return std::nullopt;
      return OptionValue{std::string(text), 0};
  }
  return std::nullopt;
}

}  // namespace

Result<OptionValue> parse_option_value(const OptionInfo& info, std::string_view text) {
  if (auto value = parse_value(info, text)) return *std::move(value);
  const std::string given = info.is_secret()
                                ? "a secret of " + std::to_string(text.size()) + " bytes"
                                : quote_for_message(text);
  std::string hint;
  if (info.kind == OptionKind::kAddressList) {
    if (text.find("://") != std::string_view::npos) hint = "write addresses without http://";
    if (text.find(',') != std::string_view::npos) hint = "separate addresses with ;";
  }
  return base::make_error(ErrorCode::OPTION_VALUE,
                          "option " + std::string(info.name) + ": got " + given + ", expected " +
                              describe_expected(info),
                          std::move(hint));
}

std::string describe_expected(const OptionInfo& info) {
  const std::string range =
      " from " + std::to_string(info.minimum) + " to " + std::to_string(info.maximum);
  switch (info.kind) {
    case OptionKind::kBoolean:
      return "true or false";
    case OptionKind::kInteger:
      return "a whole number" + range + " (" + std::string(info.unit) + ")";
    case OptionKind::kDuration:
      return "a duration" + range + " ms (a number of ms, or one with the suffix ms, s or m)";
    case OptionKind::kBytes:
      return "a size" + range + " bytes (a number of bytes, or one with the suffix k or m)";
    case OptionKind::kMebibytes:
      return "a whole number" + range + " (MiB)";
    case OptionKind::kChoice: {
      std::string text = "one of ";
      for_each_word(info.words, '|', [&](std::string_view word, std::size_t index) {
        if (index > 0) text += ", ";
        text += word;
      });
      return text;
    }
    case OptionKind::kText:
    case OptionKind::kSecret:
    case OptionKind::kFile:
      return std::to_string(info.minimum) + " to " + std::to_string(info.maximum) +
             " bytes of UTF-8 without a zero byte";
    case OptionKind::kAddressList:
      return "host:port, or several separated by ';', " + std::to_string(info.maximum) +
             " bytes at most";
    case OptionKind::kAddressMap:
      return "from=to, or several separated by ';', both sides host:port or both a host, " +
             std::to_string(info.maximum) + " bytes at most";
    case OptionKind::kTimestamp:
      return "a local time as yyyyMMddHHmmss, from 1970 on";
  }
  return {};
}

std::string quote_for_message(std::string_view text) {
  const bool cut = text.size() > kQuotedBytesMax;
  std::string quoted = "`";
  for (char c : text.substr(0, kQuotedBytesMax)) {
    const auto byte = static_cast<unsigned char>(c);
    quoted.push_back(byte < 0x20 || byte >= 0x7f ? '?' : c);
  }
  quoted += cut ? "...` (" + std::to_string(text.size()) + " bytes)" : "`";
  return quoted;
}

}  // namespace rmq::config
