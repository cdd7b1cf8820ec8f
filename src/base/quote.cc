#include "base/quote.h"

namespace rmq::base {
namespace {

void append_byte(char c, std::string* quoted) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '\n':
      *quoted += "\\n";
      return;
    case '\r':
      *quoted += "\\r";
      return;
    case '\t':
      *quoted += "\\t";
      return;
    case '\\':
      *quoted += "\\\\";
      return;
    default:
      break;
  }
  if (byte >= 0x20 && byte < 0x7f) {
    quoted->push_back(c);
    return;
  }
  *quoted += "\\x";
  quoted->push_back(kDigits[byte >> 4]);
  quoted->push_back(kDigits[byte & 15]);
}

}  // namespace

std::string quote(std::string_view text, std::size_t bytes_max) {
  std::string quoted = "`";
  for (const char c : text.substr(0, bytes_max)) append_byte(c, &quoted);
  if (text.size() <= bytes_max) return quoted + "`";
  return quoted + "...` (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace rmq::base
