#include "protocol/field_reader.h"

#include "base/decimal.h"
#include "base/format.h"

namespace rmq::protocol {

void FieldReader::note(std::string_view name) {
  if (bad_field_.empty()) bad_field_ = name;
}

std::string_view FieldReader::required_text(std::string_view name) {
  const auto value = command_.field(name);
  if (!value) note(name);
  return value.value_or(std::string_view());
}

std::int32_t FieldReader::required_int32(std::string_view name) {
  const auto value = command_.field(name);
  const auto number = value ? base::parse_int32(*value) : std::nullopt;
  if (!number) note(name);
  return number.value_or(0);
}

std::int64_t FieldReader::required_int64(std::string_view name) {
  const auto number = command_.field_int64(name);
  if (!number) note(name);
  return number.value_or(0);
}

std::string_view FieldReader::text(std::string_view name) const {
  return command_.field(name).value_or(std::string_view());
}

std::int32_t FieldReader::int32(std::string_view name, std::int32_t absent_value) const {
  const auto value = command_.field(name);
  return value ? base::parse_int32(*value).value_or(absent_value) : absent_value;
}

std::int64_t FieldReader::int64(std::string_view name, std::int64_t absent_value) const {
  return command_.field_int64(name).value_or(absent_value);
}

bool FieldReader::boolean(std::string_view name, bool absent_value) const {
  return command_.field_bool(name, absent_value);
}

base::Status FieldReader::finish(std::string_view what) const {
  if (bad_field_.empty()) return {};
  const auto value = command_.field(bad_field_);
  return base::make_error(
      base::ErrorCode::BAD_HEADER,
      value ? base::format("reading {} of code {}: field {} is \"{}\", expected an integer", what,
                           command_.code, bad_field_, value->substr(0, 64))
            : base::format("reading {} of code {}: field {} is missing", what, command_.code,
                           bad_field_));
}

}  // namespace rmq::protocol
