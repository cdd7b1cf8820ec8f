// Hexadecimal text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace rmq::base {

std::string to_hex_upper(Bytes bytes);
std::string to_hex_lower(Bytes bytes);

// Writes 2 * bytes.size() characters.
void write_hex_upper(Bytes bytes, char* to);

// Both cases are read. Empty result on an odd length or another character.
std::optional<std::string> from_hex(std::string_view text);
// The same into memory of text.size() / 2 bytes.
bool read_hex(std::string_view text, std::uint8_t* to);

// The value of one digit, or -1.
int hex_digit_value(char digit);

}  // namespace rmq::base
