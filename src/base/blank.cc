#include "base/blank.h"

#include "base/utf8.h"

namespace rmq::base {
namespace {

bool is_space(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         c == 0x180e || (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

bool is_mark(char32_t c) {
  return (c >= 0x200c && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2061 && c <= 0x2069);
}

bool is_blank(char32_t c) { return is_space(c) || is_mark(c); }

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }

template <typename Accept>
std::size_t find_first(std::string_view text, Accept accept) {
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t place = text.size() - rest.size();
    bool valid = true;
    if (accept(take_code_point(&rest, &valid)) && valid) return place;
  }
  return std::string_view::npos;
}

// The beginning of the last code point.
std::size_t last_begin(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && text.size() - begin < 4 &&
         (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) {
    --begin;
  }
  return begin;
}

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view next = rest;
    bool valid = true;
    if (!is_blank(take_code_point(&next, &valid)) || !valid) break;
    rest = next;
  }
  while (!rest.empty()) {
    std::string_view last = rest.substr(last_begin(rest));
    const std::size_t bytes = last.size();
    bool valid = true;
    if (!is_blank(take_code_point(&last, &valid)) || !valid || !last.empty()) break;
    rest.remove_suffix(bytes);
  }
  return rest;
}

std::size_t find_blank(std::string_view text) { return find_first(text, is_space); }

std::size_t find_control(std::string_view text) { return find_first(text, is_control); }

}  // namespace rmq::base
