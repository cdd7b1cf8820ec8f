// From the text a user writes to a checked value, for every kind of option. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/option.h"

namespace rmq::config {

struct OptionValue {
  std::string text;  // plain form: numbers in the option's unit, true or false, a listed word
  std::int64_t number = 0;  // of booleans 0 or 1, of choices the position of the word
};

// Blanks and line ends around the value are taken off. OPTION_VALUE says what was given (unless it
// is a secret) and what was expected.
base::Result<OptionValue> parse_option_value(const OptionInfo& info, std::string_view text);

// "a duration from 1 to 600000 ms (...)"; for messages and documentation.
std::string describe_expected(const OptionInfo& info);

}  // namespace rmq::config
