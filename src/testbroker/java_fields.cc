#include "testbroker/java_fields.h"

#include "base/decimal.h"

namespace rmq::testbroker {

std::string_view JavaFields::needed_text(std::string_view name) {
  const auto value = request_.field(name);
  if (!value && !missing_) missing_ = name;
  return value.value_or("");
}

std::optional<std::int64_t> JavaFields::number(std::string_view name, bool fits_32_bits) {
  const auto value = request_.field(name);
  if (!value) return std::nullopt;
  std::optional<std::int64_t> number;
  if (fits_32_bits) {
    if (const auto narrow = base::parse_int32(*value)) number = *narrow;
  } else {
    number = request_.field_int64(name);
  }
  if (!number && bad_number_ == BadNumber::refused && !bad_text_) bad_text_ = *value;
  return number;
}

std::int32_t JavaFields::needed_int32(std::string_view name) {
  const auto value = number(name, true);
  if (!value && !missing_) missing_ = name;
  return static_cast<std::int32_t>(value.value_or(0));
}

std::int64_t JavaFields::needed_int64(std::string_view name) {
  const auto value = number(name, false);
  if (!value && !missing_) missing_ = name;
  return value.value_or(0);
}

std::int32_t JavaFields::int32(std::string_view name, std::int32_t absent_value) {
  return static_cast<std::int32_t>(number(name, true).value_or(absent_value));
}

std::int64_t JavaFields::int64(std::string_view name, std::int64_t absent_value) {
  return number(name, false).value_or(absent_value);
}

Refusal JavaFields::refusal() const {
  if (bad_text_) return refuse_number(*bad_text_);
  if (missing_) return refuse_null("the field " + *missing_);
  return {};
}

}  // namespace rmq::testbroker
