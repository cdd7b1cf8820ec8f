// Decimal integers as text, without locale and without allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rmq::base {

// The whole text must be one integer in range, with an optional sign ('+' too, as Java's
// parseLong).
std::optional<std::int64_t> parse_int64(std::string_view text);
std::optional<std::int32_t> parse_int32(std::string_view text);

// The characters of a number's text.
constexpr std::size_t decimal_size(std::int64_t value) {
  std::size_t size = value < 0 ? 2 : 1;
  // Division truncates, so the smallest number needs no care.
  for (value /= 10; value != 0; value /= 10) ++size;
  return size;
}

// Digits of a number, kept in the object.
class DecimalText {
 public:
  explicit DecimalText(std::int64_t value);
  std::string_view view() const { return {digits_.data(), size_}; }

 private:
  std::array<char, 20> digits_;  // "-9223372036854775808"
  std::size_t size_;
};

}  // namespace rmq::base
