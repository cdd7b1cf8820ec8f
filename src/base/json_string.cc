#include "base/json_string.h"

#include "base/hex.h"
#include "base/utf8.h"

namespace rmq::base {
namespace {

constexpr const char* kFourDigits = "expected four hex digits";

// False leaves *at on the character that is no digit.
bool take_four_digits(std::string_view text, std::size_t* at, char32_t* unit) {
  *unit = 0;
  for (int i = 0; i < 4; ++i, ++*at) {
    const int digit = *at < text.size() ? hex_digit_value(text[*at]) : -1;
    if (digit < 0) return false;
    *unit = *unit * 16 + static_cast<char32_t>(digit);
  }
  return true;
}

const char* take_unicode_escape(std::string_view text, std::size_t* at, JsonEscape* escape) {
  char32_t unit = 0;
  if (!take_four_digits(text, at, &unit)) return kFourDigits;
  const bool high = unit >= 0xD800 && unit <= 0xDBFF;
  if (high && text.substr(*at, 2) == "\\u") {
    const std::size_t second = *at;
    char32_t low = 0;
    *at += 2;
    if (!take_four_digits(text, at, &low)) return kFourDigits;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else {
      *at = second;  // a lone surrogate, then another character
    }
  }
  escape->size = encode_utf8(unit, escape->bytes);
  return nullptr;
}

}  // namespace

const char* take_json_escape(std::string_view text, std::size_t* at, JsonEscape* escape) {
  static constexpr std::string_view kLetters = "\"\\/'bfnrtv";
  static constexpr std::string_view kMeanings = "\"\\/'\b\f\n\r\t\v";
  const char letter = *at < text.size() ? text[*at] : '\0';
  if (letter == 'u') {
    ++*at;
    return take_unicode_escape(text, at, escape);
  }
  const std::size_t index = letter == '\0' ? kLetters.npos : kLetters.find(letter);
  if (index == kLetters.npos) return "unknown escape";
  ++*at;
  escape->bytes[0] = kMeanings[index];
  escape->size = 1;
  return nullptr;
}

}  // namespace rmq::base
