// Takes fields out of a request's header as a real broker does. A missing field is missed only
// where it is used. Text that is no number is refused by some requests' headers and taken for a
// missing field by others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "testbroker/refusal.h"
#include "wire/command.h"

namespace rmq::testbroker {

enum class BadNumber : std::uint8_t { refused, ignored };

class JavaFields {
 public:
  JavaFields(const wire::CommandView& request, BadNumber bad_number)
      : request_(request), bad_number_(bad_number) {}

  std::string_view needed_text(std::string_view name);
  std::int32_t needed_int32(std::string_view name);
  std::int64_t needed_int64(std::string_view name);
  std::string_view text(std::string_view name) const { return request_.field(name).value_or(""); }
  std::int32_t int32(std::string_view name, std::int32_t absent_value);
  std::int64_t int64(std::string_view name, std::int64_t absent_value);
  bool boolean(std::string_view name) const { return request_.field_bool(name); }

  // A bad number comes before a missing field: the header is read before it is used.
  Refusal refusal() const;

 private:
  std::optional<std::int64_t> number(std::string_view name, bool fits_32_bits);

  const wire::CommandView& request_;
  const BadNumber bad_number_;
  std::optional<std::string> bad_text_;
  std::optional<std::string> missing_;
};

}  // namespace rmq::testbroker
