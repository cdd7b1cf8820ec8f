#include "testbroker/script_text.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "testbroker/words.h"

namespace rmq::testbroker {
namespace {

constexpr std::size_t kLineBytesMax = 16 * 1024;
constexpr std::size_t kShownMax = 200;
constexpr std::int32_t kBytesMax = 64 << 20;

std::optional<std::int32_t> parse_request(std::string_view name) {
#define RMQ_REQUEST_CODE(code, number) \
  if (name == #code) return number;
  RMQ_REQUEST_CODES(RMQ_REQUEST_CODE)
#undef RMQ_REQUEST_CODE
  return base::parse_int32(name);
}

// `false`: the word is no selector, or its value is none.
bool select(const Word& word, Rule* rule) {
  const std::string_view name = word.name();
  const std::string_view value = word.value();
  if (name == "chance") {
    double probability = 0;
    const char* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, probability);
    if (read.ec != std::errc() || read.ptr != end) return false;
    if (!(probability >= 0 && probability <= 1)) return false;
    rule->with_chance(probability);
    return true;
  }
  const auto number = base::parse_int64(value);
  if (!number || *number < 1) return false;
  const auto n = static_cast<std::uint64_t>(*number);
  if (name == "nth") {
    rule->nth(n);
  } else if (name == "first") {
    rule->first(n);
  } else if (name == "from") {
    rule->from(n);
  } else if (name == "every") {
    rule->every(n);
  } else if (name == "connection") {
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
  if (name == "out_of_order") return fault::out_of_order();
  if (name == "hold") return fault::hold();
  if (name == "cut") return fault::cut();
  if (name == "cut_half") return fault::cut_half();
  if (name == "go_dumb") return fault::go_dumb();
  return std::nullopt;
}

std::optional<Fault> parse_timed_fault(std::string_view name, std::string_view value) {
  const auto duration = parse_duration(value);
  if (!duration.ok()) return std::nullopt;
  if (name.ends_with("_ms")) name.remove_suffix(3);
  if (name == "delay") return fault::delay(duration.value());
  if (name == "stall") return fault::stall_reading(duration.value());
  if (name == "crash") return fault::crash(duration.value());
  if (name == "crash_lost") return fault::crash(duration.value(), Memory::lost);
  return std::nullopt;
}

std::optional<Fault> parse_fault(const Word& word) {
  const std::string_view name = word.name();
  const std::string_view value = word.value();
  if (value.empty()) return parse_plain_fault(name);
  if (name == "run") return fault::run(value);
  if (auto timed = parse_timed_fault(name, value)) return timed;
  const auto number = base::parse_int32(value);
  if (!number) return std::nullopt;
  if (name == "error") return fault::error(*number, "scripted");
  if (name == "recode") return fault::recode(*number);
  if (*number < 0 || *number > kBytesMax) return std::nullopt;
  const auto bytes = static_cast<std::size_t>(*number);
  if (name == "garbage") return fault::garbage(bytes);
  if (name == "cut_after") return fault::cut_after(bytes);
  if (name == "read_rate" && bytes > 0) return fault::read_slowly(bytes);
  return std::nullopt;
}

base::Error not_understood(std::string_view line, std::string_view word) {
  return base::make_error(base::ErrorCode::ARGUMENT,
                          "rule \"" + std::string(line.substr(0, kShownMax)) + "\": \"" +
                              std::string(word.substr(0, kShownMax)) + "\" is not understood here");
}

}  // namespace

base::Status add_rule(std::string_view line, Script* script) {
  if (line.size() > kLineBytesMax) return not_understood(line, "(too long)");
  auto split = split_words(line);
  if (!split.ok()) return split.take_error();
  const std::vector<Word>& words = split.value();
  if (words.empty()) return not_understood(line, "");
  const std::string_view what = words[0].text;
  const auto code = parse_request(what);
  if (!code && what != "any" && what != "connect") return not_understood(line, what);
  Rule chosen;
  std::optional<Fault> sum;
  std::optional<std::string> remark;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].name() == "remark" && words[i].has_value()) {
      remark = words[i].value();
    } else if (const auto fault = parse_fault(words[i])) {
      sum = sum.value_or(Fault()) | *fault;
    } else if (!select(words[i], &chosen)) {
      return not_understood(line, words[i].text);
    }
  }
  if (!sum) return not_understood(line, "(no fault)");
  if (remark) {
    const bool has_code =
        sum->answer == Fault::Answer::error || sum->answer == Fault::Answer::recoded;
    if (!has_code) return not_understood(line, "remark without error or recode");
    sum->remark = std::move(*remark);
  }
  Rule& rule = code ? script->on(*code) : what == "any" ? script->on_any() : script->on_connect();
  rule.choose_as(chosen).then(std::move(*sum));
  return {};
}

}  // namespace rmq::testbroker
