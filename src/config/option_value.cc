#include "config/option_value.h"

#include <charconv>
#include <limits>
#include <optional>

#include "base/blank.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "config/address_list.h"

namespace rmq::config {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
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

// Words that Java's client has for the same.
constexpr struct {
  std::string_view java;
  std::string_view word;
} kJavaWords[] = {
    {"consume_from_first_offset", "first"},
    {"consume_from_last_offset", "last"},
    {"consume_from_timestamp", "timestamp"},
};

std::optional<OptionValue> parse_choice(const OptionInfo& info, std::string_view text) {
  std::optional<OptionValue> chosen;
  std::string wanted = to_lower(text);
  for (const auto& [java, word] : kJavaWords) {
    if (wanted == java) wanted = word;
  }
  for_each_value(info, [&](std::string_view word, std::int64_t number, bool) {
    if (word == wanted) chosen = OptionValue{wanted, number};
  });
  return chosen;
}

bool is_text_kind(OptionKind kind) {
  return kind >= OptionKind::kText && kind != OptionKind::kChoice;
}

bool is_text(const OptionInfo& info, std::string_view text) {
  const auto length = static_cast<std::int64_t>(text.size());
  return length >= info.minimum && length <= info.maximum &&
         base::find_control(text) == std::string_view::npos && base::is_utf8(text);
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

// Only those that have an effect.
std::string describe_words(const OptionInfo& info) {
  std::string words;
  std::size_t count = 0;
  for_each_value(info, [&](std::string_view word, std::int64_t, bool has_effect) {
    if (!has_effect) return;
    if (count++ > 0) words += ", ";
    words += word;
  });
  return count == 1 ? words : "one of " + words;
}

std::optional<OptionValue> from_number(const OptionInfo& info, std::optional<std::int64_t> number) {
  if (!number || *number < info.minimum || *number > info.maximum) return std::nullopt;
  return OptionValue{std::to_string(*number), *number};
}

std::optional<OptionValue> from_list(Result<std::string> list, Error* why) {
  if (list.ok()) return OptionValue{list.take_value(), 0};
  *why = list.take_error();
  return std::nullopt;
}

// `why` is set where there is more to say than what was expected.
std::optional<OptionValue> parse_value(const OptionInfo& info, std::string_view text, Error* why) {
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
      return parse_choice(info, text);
    case OptionKind::kText:
    case OptionKind::kSecret:
    case OptionKind::kFile:
      if (!is_text(info, text)) return std::nullopt;
      return OptionValue{std::string(text), 0};
    case OptionKind::kAddressList:
      if (!is_text(info, text)) return std::nullopt;
      return from_list(parse_address_list(text), why);
    case OptionKind::kAddressMap:
      if (!is_text(info, text)) return std::nullopt;
      return from_list(parse_address_map(text), why);
    case OptionKind::kTimestamp:
      if (!is_timestamp(text)) return std::nullopt;
      return OptionValue{std::string(text), 0};
  }
  return std::nullopt;
}

}  // namespace

Result<OptionValue> parse_option_value(const OptionInfo& info, std::string_view text) {
  // Files cannot hold blanks around a value. Elsewhere such a blank is an accident: the line end of
  // a file that became a secret, say. So each door takes them off.
  const std::string_view value_text = base::trim_blanks(text);
  Error why;
  if (auto value = parse_value(info, value_text, &why)) return *std::move(value);
  std::string given = info.is_secret() ? "a secret of " + std::to_string(text.size()) + " bytes"
                                       : base::quote(text);
  if (!why.message.empty()) given = std::move(why.message);
  if (is_text_kind(info.kind) && base::find_control(value_text) != std::string_view::npos) {
    given += ", which holds the control character " +
             base::quote(value_text.substr(base::find_control(value_text), 1));
  }
  return base::make_error(ErrorCode::OPTION_VALUE,
                          "option " + std::string(info.name) + ": got " + given + ", expected " +
                              describe_expected(info),
                          std::move(why.hint));
}

std::string describe_expected(const OptionInfo& info) {
  const std::string range =
      " from " + std::to_string(info.minimum) + " to " + std::to_string(info.maximum);
  switch (info.kind) {
    case OptionKind::kBoolean:
      return info.words.empty() ? "true or false" : describe_words(info);
    case OptionKind::kInteger:
      return "a whole number" + range + " (" + std::string(info.unit) + ")";
    case OptionKind::kDuration:
      return "a duration" + range + " ms (a number of ms, or one with the suffix ms, s or m)";
    case OptionKind::kBytes:
      return "a size" + range + " bytes (a number of bytes, or one with the suffix k or m)";
    case OptionKind::kMebibytes:
      return "a whole number" + range + " (MiB)";
    case OptionKind::kChoice:
      return describe_words(info);
    case OptionKind::kText:
    case OptionKind::kSecret:
    case OptionKind::kFile:
      return std::to_string(info.minimum) + " to " + std::to_string(info.maximum) +
             " bytes of UTF-8 without control characters";
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

}  // namespace rmq::config
