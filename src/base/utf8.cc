#include "base/utf8.h"

namespace rmq::base {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The range of the second byte is what keeps out overlong forms, surrogates and values past
// U+10FFFF.
struct Lead {
  std::size_t bytes;
  unsigned char second_min;
  unsigned char second_max;
};

Lead classify(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

std::size_t encode_utf8(char32_t code_point, char* to) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    code_point = kReplacementCharacter;
  }
  const auto tail = [code_point](int shift) {
    return static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
  };
  if (code_point < 0x80) {
    to[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    to[0] = static_cast<char>(0xC0 | (code_point >> 6));
    to[1] = tail(0);
    return 2;
  }
  if (code_point < 0x10000) {
    to[0] = static_cast<char>(0xE0 | (code_point >> 12));
    to[1] = tail(6);
    to[2] = tail(0);
    return 3;
  }
  to[0] = static_cast<char>(0xF0 | (code_point >> 18));
  to[1] = tail(12);
  to[2] = tail(6);
  to[3] = tail(0);
  return 4;
}

char32_t take_code_point(std::string_view* text, bool* valid) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>((*text)[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    text->remove_prefix(1);
    return first;
  }
  const Lead lead = classify(first);
  std::size_t taken = 1;
  char32_t code_point = lead.bytes == 0 ? 0 : first & (0x7Fu >> lead.bytes);
  while (taken < lead.bytes && taken < text->size()) {
    const unsigned char next = byte(taken);
    const bool fits =
        taken == 1 ? next >= lead.second_min && next <= lead.second_max : is_continuation(next);
    if (!fits) break;
    code_point = (code_point << 6) | (next & 0x3Fu);
    ++taken;
  }
  const bool complete = lead.bytes != 0 && taken == lead.bytes;
  text->remove_prefix(taken);
  if (complete) return code_point;
  *valid = false;
  return kReplacementCharacter;
}

bool is_utf8(std::string_view text) {
  bool valid = true;
  while (valid && !text.empty()) take_code_point(&text, &valid);
  return valid;
}

std::string mend_utf8(std::string_view text) {
  std::string mended;
  mended.reserve(text.size());
  bool valid = true;
  while (!text.empty()) {
    char encoded[4];
    mended.append(encoded, encode_utf8(take_code_point(&text, &valid), encoded));
  }
  return mended;
}

}  // namespace rmq::base
