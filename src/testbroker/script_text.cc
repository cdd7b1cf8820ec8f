#include "testbroker/script_text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.h"

namespace rmq::testbroker {
namespace {

struct Word {
  std::string_view name;
  std::string_view value;  // behind the '='
};

std::vector<Word> split(std::string_view line) {
  std::vector<Word> words;
  while (!line.empty()) {
    const std::string_view text = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), text.size() + 1));
    if (text.empty()) continue;
    const std::size_t sign = text.find('=');
    words.push_back({text.substr(0, sign),
                     sign == std::string_view::npos ? std::string_view() : text.substr(sign + 1)});
  }
  return words;
}

std::optional<std::int32_t> parse_request(std::string_view name) {
#define RMQ_REQUEST_CODE(code, number) \
  if (name == #code) return number;
  RMQ_REQUEST_CODES(RMQ_REQUEST_CODE)
#undef RMQ_REQUEST_CODE
  return base::parse_int32(name);
}

// `false`: the word is no selector, or its value is none.
bool select(const Word& word, Rule* rule) {
  if (word.name == "chance") {
    double probability = 0;
    const char* end = word.value.data() + word.value.size();
    const auto read = std::from_chars(word.value.data(), end, probability);
    if (read.ec != std::errc() || read.ptr != end) return false;
    if (!(probability >= 0 && probability <= 1)) return false;
    rule->with_chance(probability);
    return true;
  }
  const auto number = base::parse_int64(word.value);
  if (!number || *number < 1) return false;
  const auto n = static_cast<std::uint64_t>(*number);
  if (word.name == "nth") {
    rule->nth(n);
  } else if (word.name == "first") {
    rule->first(n);
  } else if (word.name == "from") {
    rule->from(n);
  } else if (word.name == "every") {
    rule->every(n);
  } else if (word.name == "connection") {
    rule->on_connection(n);
  } else {
    return false;
  }
  return true;
}

std::optional<Fault> parse_plain_fault(std::string_view name) {
  if (name == "no_answer") return fault::no_answer();
  if (name == "drop_request") return fault::drop_request();
  if (name == "duplicate") return fault::duplicate();
  if (name == "cut") return fault::cut();
  if (name == "cut_half") return fault::cut_half();
  return std::nullopt;
}

std::optional<Fault> parse_fault(const Word& word) {
  if (word.value.empty()) return parse_plain_fault(word.name);
  const auto number = base::parse_int32(word.value);
  if (!number) return std::nullopt;
  if (word.name == "error") return fault::error(*number, "scripted");
  if (word.name == "recode") return fault::recode(*number);
  if (*number < 0) return std::nullopt;
  const base::milliseconds duration(*number);
  if (word.name == "garbage") return fault::garbage(static_cast<std::size_t>(*number));
  if (word.name == "cut_after") return fault::cut_after(static_cast<std::size_t>(*number));
  if (word.name == "delay_ms") return fault::delay(duration);
  if (word.name == "stall_ms") return fault::stall_reading(duration);
  if (word.name == "crash_ms") return fault::crash(duration);
  if (word.name == "crash_lost_ms") return fault::crash(duration, Memory::lost);
  return std::nullopt;
}

base::Error not_understood(std::string_view line, std::string_view word) {
  return base::make_error(
      base::ErrorCode::ARGUMENT,
      "rule \"" + std::string(line) + "\": \"" + std::string(word) + "\" is not understood here");
}

}  // namespace

base::Status add_rule(std::string_view line, Script* script) {
  const std::vector<Word> words = split(line);
  if (words.empty()) return not_understood(line, "");
  const std::string_view what = words[0].name;
  const auto code = parse_request(what);
  if (!code && what != "any" && what != "connect") return not_understood(line, what);
  Rule chosen;
  std::optional<Fault> sum;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (const auto fault = parse_fault(words[i])) {
      sum = sum.value_or(Fault()) | *fault;
    } else if (!select(words[i], &chosen)) {
      return not_understood(line, words[i].name);
    }
  }
  if (!sum) return not_understood(line, "(no fault)");
  Rule& rule = code ? script->on(*code) : what == "any" ? script->on_any() : script->on_connect();
  rule.choose_as(chosen).then(std::move(*sum));
  return {};
}

}  // namespace rmq::testbroker
