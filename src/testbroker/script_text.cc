#include "testbroker/script_text.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "testbroker/shown_text.h"
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
  if (name == "damage" && bytes > 0) return fault::damage(bytes);
  if (name == "damage_at") return fault::damage_at(*number);
  if (name == "read_rate" && bytes > 0) return fault::read_slowly(bytes);
  return std::nullopt;
}

// What a connection that comes can be struck with: nothing of it is about an answer.
bool fits_connection(Fault fault) {
  fault.stall_reading = {};
  fault.cut_after.reset();
  fault.read_rate.reset();
  fault.go_dumb = false;
  fault.command.clear();
  fault.crash.reset();
  fault.memory_after_crash = Memory::kept;
  if (fault.answer == Fault::Answer::garbage) fault.answer = Fault::Answer::normal;
  fault.garbage_bytes = 0;
  return fault == Fault();
}

constexpr std::string_view kConnectFaults =
    "connect takes garbage, cut, cut_after, go_dumb, stall, read_rate, crash, crash_lost and run";

// Of a word that is not understood, by its name.
std::string_view describe_expected(const Word& word) {
  std::string_view name = word.name();
  if (parse_plain_fault(name)) return "this word without a value";
  if (name.ends_with("_ms")) name.remove_suffix(3);
  for (const std::string_view known : {"nth", "first", "from", "every", "connection"}) {
    if (name == known) return "a number from 1 behind the =";
  }
  for (const std::string_view known : {"delay", "stall", "crash", "crash_lost"}) {
    if (name == known) return "a duration such as 50ms behind the =";
  }
  for (const std::string_view known : {"garbage", "cut_after"}) {
    if (name == known) return "a number of bytes from 0 to 67108864 behind the =";
  }
  if (name == "damage") return "a number of a stored message from 1 behind the =";
  if (name == "damage_at") return "an offset of a queue from 0 behind the =";
  if (name == "read_rate") return "a number of bytes from 1 to 67108864 behind the =";
  if (name == "chance") return "a number from 0 to 1 behind the =";
  if (name == "error" || name == "recode") return "a response code, a number, behind the =";
  if (name == "remark") return "a text behind the =";
  if (name == "run") return "a command in quotes behind the =";
  return "which requests, such as nth=3, or a fault, such as no_answer or delay=50ms";
}

base::Error refuse(std::string_view line, const std::string& why) {
  return base::make_error(base::ErrorCode::ARGUMENT,
                          "rule \"" + std::string(cut_text(line, kShownMax)) + "\": " + why);
}

base::Error not_understood(std::string_view line, std::string_view word,
                           std::string_view expected) {
  return refuse(line, "\"" + std::string(cut_text(word, kShownMax)) +
                          "\" is not understood here: expected " + std::string(expected));
}

}  // namespace

base::Status add_rule(std::string_view line, Script* script) {
  if (line.size() > kLineBytesMax) {
    return refuse(line, "longer than " + std::to_string(kLineBytesMax) + " bytes");
  }
  auto split = split_words(line);
  if (!split.ok()) return split.take_error();
  const std::vector<Word>& words = split.value();
  static constexpr std::string_view kWhat = "a request's name or number, any or connect";
  if (words.empty()) return refuse(line, "no words: expected " + std::string(kWhat));
  const std::string_view what = words[0].text;
  const auto code = parse_request(what);
  if (!code && what != "any" && what != "connect") {
    return not_understood(line, what, kWhat);
  }
  Rule chosen;
  std::optional<Fault> sum;
  std::optional<std::string> remark;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].name() == "remark" && words[i].has_value()) {
      remark = words[i].value();
    } else if (const auto fault = parse_fault(words[i])) {
      if (what == "connect" && !fits_connection(*fault)) {
        return refuse(line, "\"" + std::string(cut_text(words[i].text, kShownMax)) +
                                "\" cannot happen to a connection that comes: " +
                                std::string(kConnectFaults));
      }
      sum = sum.value_or(Fault()) | *fault;
    } else if (!select(words[i], &chosen)) {
      return not_understood(line, words[i].text, describe_expected(words[i]));
    }
  }
  if (!sum) return refuse(line, "no fault: expected one such as no_answer or delay=50ms");
  if (remark) {
    const bool has_code =
        sum->answer == Fault::Answer::error || sum->answer == Fault::Answer::recoded;
    if (!has_code) return refuse(line, "remark without error or recode");
    sum->remark = std::move(*remark);
  }
  Rule& rule = code ? script->on(*code) : what == "any" ? script->on_any() : script->on_connect();
  rule.choose_as(chosen).then(std::move(*sum));
  return {};
}

}  // namespace rmq::testbroker
