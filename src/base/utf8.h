// UTF-8: appending code points, checking text, and mending what is not UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rmq::base {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Writes 1 to 4 bytes to `to` and returns how many. A surrogate or a value above U+10FFFF is
// written as U+FFFD.
std::size_t encode_utf8(char32_t code_point, char* to);

// Takes the next code point off *text. Bad bytes give U+FFFD, one maximal prefix at a time, as
// Java's decoder does. *text must not be empty. *valid is cleared on bad bytes and otherwise left
// alone.
char32_t take_code_point(std::string_view* text, bool* valid);

bool is_utf8(std::string_view text);

// The text with each bad sequence replaced by U+FFFD.
std::string mend_utf8(std::string_view text);

}  // namespace rmq::base
