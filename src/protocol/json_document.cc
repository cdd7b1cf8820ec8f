#include "protocol/json_document.h"

#include <limits>

#include "base/decimal.h"
#include "base/format.h"
#include "protocol/json_text.h"

namespace rmq::protocol {
namespace {

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_object_keyed_map(const Json& value) {
  if (!value.is_object() || value.size() != 1) return false;
  const auto entry = value.find(kObjectKeyedMap);
  return entry != value.end() && entry->is_array();
}

void append_java_json(const Json& value, std::string* out);

void append_map(const Json& entries, std::string* out) {
  *out += '{';
  bool first = true;
  for (const Json& entry : entries) {
    if (!entry.is_array() || entry.size() != 2) continue;
    if (!std::exchange(first, false)) *out += ',';
    append_java_json(entry[0], out);
    *out += ':';
    append_java_json(entry[1], out);
  }
  *out += '}';
}

// Depth is bounded: values are ours or came through to_standard_json().
void append_java_json(const Json& value, std::string* out) {
  if (is_object_keyed_map(value)) return append_map(*value.find(kObjectKeyedMap), out);
  if (!value.is_structured()) {
    *out += dump(value);
    return;
  }
  *out += value.is_array() ? '[' : '{';
  bool first = true;
  for (const auto& [name, item] : value.items()) {
    if (!std::exchange(first, false)) *out += ',';
    if (value.is_object()) out->append(dump(Json(name))).append(1, ':');
    append_java_json(item, out);
  }
  *out += value.is_array() ? ']' : '}';
}

}  // namespace

base::Result<Json> parse_json_object(std::string_view text, std::string_view what) {
  base::Result<std::string> standard = to_standard_json(text);
  if (!standard.ok()) {
    base::Error error = standard.take_error();
    error.message = base::format("{}: {}", what, error.message);
    return error;
  }
  Json value = Json::parse(standard.value(), nullptr, false);
  if (value.is_discarded() || !value.is_object()) {
    return base::make_error(base::ErrorCode::BAD_BODY,
                            base::format("{}: a body of {} bytes is {}", what, text.size(),
                                         value.is_discarded() ? "no JSON" : "no JSON object"));
  }
  return value;
}

std::string to_java_json(const Json& value) {
  std::string out;
  append_java_json(value, &out);
  return out;
}

const Json& member(const Json& object, const char* name) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(name);
  return found == object.end() ? null : *found;
}

std::string text_at(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() || value.is_boolean() ? dump(value) : std::string();
}

std::int64_t int64_at(const Json& object, const char* name, std::int64_t absent_value) {
  const Json& value = member(object, name);
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    const bool fits = number <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    return fits ? static_cast<std::int64_t>(number) : absent_value;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_string()) {
    return base::parse_int64(value.get_ref<const std::string&>()).value_or(absent_value);
  }
  return absent_value;
}

std::int32_t int32_at(const Json& object, const char* name, std::int32_t absent_value) {
  const std::int64_t value = int64_at(object, name, absent_value);
  const bool fits = value >= std::numeric_limits<std::int32_t>::min() &&
                    value <= std::numeric_limits<std::int32_t>::max();
  return fits ? static_cast<std::int32_t>(value) : absent_value;
}

bool bool_at(const Json& object, const char* name, bool absent_value) {
  const Json& value = member(object, name);
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return value.get_ref<const std::string&>() == "true";
  return absent_value;
}

std::vector<std::string> texts_at(const Json& object, const char* name) {
  std::vector<std::string> texts;
  const Json& list = member(object, name);
  if (!list.is_array()) return texts;
  for (const Json& item : list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

}  // namespace rmq::protocol
