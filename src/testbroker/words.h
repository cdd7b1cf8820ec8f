// A line of text as words: what options, rules, commands and scenarios have in common.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/instant.h"

namespace rmq::testbroker {

struct Word {
  std::string text;                      // without quotes
  std::size_t begin = 0;                 // of its first byte in the line
  std::size_t sign = std::string::npos;  // of the first '=' that is outside quotes

  std::string_view name() const { return std::string_view(text).substr(0, sign); }
  bool has_value() const { return sign != std::string::npos; }
  std::string_view value() const {
    return has_value() ? std::string_view(text).substr(sign + 1) : std::string_view();
  }
};

// Blanks, tabs and line ends separate words; within '…' or "…" they are part of one. ARGUMENT for a
// quote without its end.
base::Result<std::vector<Word>> split_words(std::string_view line);

// "250ms", "5s", "2m", or a number of milliseconds; up to a year. ARGUMENT says what was expected.
base::Result<base::Duration> parse_duration(std::string_view text);

}  // namespace rmq::testbroker
