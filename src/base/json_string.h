// The text of JSON strings: what has to be escaped when one is written, and what an escape means
// when one is read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rmq::base {

inline bool needs_json_escape(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

// Hands the quoted and escaped text to `put`, a piece at a time. Bytes that are not UTF-8 pass.
template <typename Put>
void put_json_string(std::string_view text, Put put) {
  static constexpr char kDigits[] = "0123456789abcdef";
  put(std::string_view("\""));
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_json_escape(text[i])) continue;
    put(text.substr(run, i - run));
    run = i + 1;
    const auto byte = static_cast<unsigned char>(text[i]);
    const char control[6] = {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
    const char quoted[2] = {'\\', text[i]};
    put(byte < 0x20 ? std::string_view(control, 6) : std::string_view(quoted, 2));
  }
  put(text.substr(run));
  put(std::string_view("\""));
}

// What stands for one escape in UTF-8.
struct JsonEscape {
  char bytes[4];
  std::size_t size = 0;
};

// Reads one escape; *at is behind its backslash, and afterwards behind the escape. A surrogate
// without its other half becomes U+FFFD, as in Java's decoder. Null, or what was expected at *at.
const char* take_json_escape(std::string_view text, std::size_t* at, JsonEscape* escape);

}  // namespace rmq::base
