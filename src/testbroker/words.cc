#include "testbroker/words.h"

#include <utility>

#include "base/decimal.h"
#include "testbroker/shown_text.h"

namespace rmq::testbroker {
namespace {

constexpr std::int64_t kDurationMsMax = std::int64_t{366} * 24 * 3600 * 1000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Reads one word from *place on; false for a quote without its end.
bool read_word(std::string_view line, std::size_t* place, Word* word) {
  word->begin = *place;
  char quote = 0;
  for (; *place < line.size(); ++*place) {
    const char c = line[*place];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote == 0 && is_blank(c)) {
      break;
    } else {
      if (quote == 0 && c == '=' && !word->has_value()) word->sign = word->text.size();
      word->text += c;
    }
  }
  return quote == 0;
}

}  // namespace

base::Result<std::vector<Word>> split_words(std::string_view line) {
  std::vector<Word> words;
  for (std::size_t place = 0; place < line.size();) {
    if (is_blank(line[place])) {
      ++place;
      continue;
    }
    Word word;
    if (!read_word(line, &place, &word)) {
      return base::make_error(base::ErrorCode::ARGUMENT,
                              "the quote that begins in \"" +
                                  std::string(cut_text(line.substr(word.begin), 60)) +
                                  "\" has no end");
    }
    words.push_back(std::move(word));
  }
  return words;
}

base::Result<base::Duration> parse_duration(std::string_view text) {
  std::string_view digits = text;
  std::int64_t unit_ms = 1;
  if (digits.ends_with("ms")) {
    digits.remove_suffix(2);
  } else if (digits.ends_with('s')) {
    digits.remove_suffix(1);
    unit_ms = 1000;
  } else if (digits.ends_with('m')) {
    digits.remove_suffix(1);
    unit_ms = 60'000;
  }
  const auto number = base::parse_int64(digits);
  if (!number || *number < 0 || *number > kDurationMsMax / unit_ms) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "\"" + std::string(cut_text(text, 60)) +
                                "\" is no duration: expected a number with ms, s or m behind it");
  }
  return base::Duration(base::milliseconds(*number * unit_ms));
}

}  // namespace rmq::testbroker
