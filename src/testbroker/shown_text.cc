#include "testbroker/shown_text.h"

#include "base/utf8.h"

namespace rmq::testbroker {
namespace {

// The ends of lines that Unicode knows, and its blank that does not look like one.
bool is_plain(char32_t c) {
  constexpr char32_t kDelete = 0x7f;
  constexpr char32_t kHardBlank = 0xa0;
  constexpr char32_t kLineSeparator = 0x2028;
  constexpr char32_t kParagraphSeparator = 0x2029;
  if (c <= ' ' || c == '%' || (c >= kDelete && c <= kHardBlank)) return false;
  return c != kLineSeparator && c != kParagraphSeparator;
}

void append_escaped(std::string_view bytes, std::string* to) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *to += {'%', kDigits[byte >> 4], kDigits[byte & 0xf]};
  }
}

}  // namespace

std::string_view cut_text(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return text;
  std::size_t size = size_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

std::string shown(std::string_view text) {
  if (text.empty()) return "-";
  if (text == "-") return "%2D";
  std::string word;
  const bool utf8 = base::is_utf8(text);
  while (!text.empty()) {
    std::string_view rest = text;
    bool valid = true;
    char32_t c = static_cast<unsigned char>(rest[0]);
    if (utf8) {
      c = base::take_code_point(&rest, &valid);
    } else {
      rest.remove_prefix(1);
    }
    const std::string_view bytes = text.substr(0, text.size() - rest.size());
    if (is_plain(c) && (utf8 || c < 0x80)) {
      word += bytes;
    } else {
      append_escaped(bytes, &word);
    }
    text = rest;
  }
  return word;
}

}  // namespace rmq::testbroker
