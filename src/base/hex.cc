#include "base/hex.h"

namespace rmq::base {
namespace {

void write_hex(Bytes bytes, const char* digits, char* to) {
  for (const std::uint8_t byte : bytes) {
    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
  }
}

}  // namespace

void write_hex_upper(Bytes bytes, char* to) { write_hex(bytes, "0123456789ABCDEF", to); }

std::string to_hex_upper(Bytes bytes) {
  std::string text(bytes.size() * 2, '\0');
  write_hex_upper(bytes, text.data());
  return text;
}

std::string to_hex_lower(Bytes bytes) {
  std::string text(bytes.size() * 2, '\0');
  write_hex(bytes, "0123456789abcdef", text.data());
  return text;
}

int hex_digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::uint8_t* to) {
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit_value(text[i]);
    const int low = hex_digit_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *to++ = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  if (!read_hex(text, reinterpret_cast<std::uint8_t*>(bytes.data()))) return std::nullopt;
  return bytes;
}

}  // namespace rmq::base
