#include "base/decimal.h"

#include <charconv>
#include <limits>

namespace rmq::base {

std::optional<std::int64_t> parse_int64(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int32_t> parse_int32(std::string_view text) {
  const auto value = parse_int64(text);
  if (!value || *value < std::numeric_limits<std::int32_t>::min() ||
      *value > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*value);
}

DecimalText::DecimalText(std::int64_t value) {
  const auto [stop, error] = std::to_chars(digits_.data(), digits_.data() + digits_.size(), value);
  static_cast<void>(error);  // 20 characters hold every int64
  size_ = static_cast<std::size_t>(stop - digits_.data());
}

}  // namespace rmq::base
