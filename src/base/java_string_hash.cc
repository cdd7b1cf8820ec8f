#include "base/java_string_hash.h"

#include "base/utf8.h"

namespace rmq::base {
namespace {

// Surrogates sort below U+E000 to U+FFFF.
char32_t utf16_rank(char32_t code_point) {
  if (code_point >= 0x10000) return code_point - 0x10000 + 0xD800;
  return code_point >= 0xE000 ? code_point + 0x200000 : code_point;
}

}  // namespace

std::int32_t java_string_hash(std::string_view text) {
  std::uint32_t hash = 0;
  bool valid = true;
  while (!text.empty()) {
    const char32_t code_point = take_code_point(&text, &valid);
    if (code_point >= 0x10000) {
      hash = hash * 31 + (0xD800 + ((code_point - 0x10000) >> 10));
      hash = hash * 31 + (0xDC00 + ((code_point - 0x10000) & 0x3FF));
    } else {
      hash = hash * 31 + code_point;
    }
  }
  return static_cast<std::int32_t>(hash);
}

bool less_in_java(std::string_view a, std::string_view b) {
  bool valid = true;
  while (!a.empty() && !b.empty()) {
    const char32_t left = take_code_point(&a, &valid);
    const char32_t right = take_code_point(&b, &valid);
    if (left != right) return utf16_rank(left) < utf16_rank(right);
  }
  return a.empty() && !b.empty();
}

}  // namespace rmq::base
