#include "protocol/json_document.h"

#include <limits>

#include "base/decimal.h"

namespace rmq::protocol {
namespace {

std::int64_t int64_of(JsonView value, std::int64_t absent_value) {
  if (value.is(JsonKind::integer)) return value.integer();
  if (value.is(JsonKind::string)) return base::parse_int64(value.text()).value_or(absent_value);
  return absent_value;
}

}  // namespace

const JsonNode& JsonView::node() const { return document_->nodes_[index_]; }

std::string_view JsonView::name() const {
  if (document_ == nullptr) return {};
  return std::string_view(document_->text_).substr(node().name_begin, node().name_bytes);
}

std::string_view JsonView::text() const {
  if (document_ == nullptr) return {};
  return std::string_view(document_->text_).substr(node().text_begin, node().text_bytes);
}

std::int64_t JsonView::integer() const { return document_ == nullptr ? 0 : node().integer; }

JsonItems JsonView::items(JsonKind kind) const {
  if (document_ == nullptr || node().kind != kind) return {};
  return {JsonView(*document_, index_ + 1), JsonView(*document_, node().end)};
}

JsonItems JsonView::elements() const { return items(JsonKind::array); }
JsonItems JsonView::members() const { return items(JsonKind::object); }
JsonItems JsonView::pairs() const { return items(JsonKind::pairs); }

JsonView JsonView::member(std::string_view name) const {
  JsonView found;
  for (const JsonView item : members()) {
    if (item.name() == name) found = item;
  }
  return found;
}

std::string text_of(JsonView value) {
  switch (value.kind()) {
    case JsonKind::string:
    case JsonKind::number:
      return std::string(value.text());
    case JsonKind::integer:
      return std::string(base::DecimalText(value.integer()).view());
    case JsonKind::boolean:
      return value.integer() != 0 ? "true" : "false";
    default:
      return {};
  }
}

std::string text_at(JsonView object, std::string_view name) { return text_of(object.member(name)); }

std::int64_t int64_at(JsonView object, std::string_view name, std::int64_t absent_value) {
  return int64_of(object.member(name), absent_value);
}

std::int32_t int32_of(JsonView value, std::int32_t absent_value) {
  const std::int64_t number = int64_of(value, absent_value);
  const bool fits = number >= std::numeric_limits<std::int32_t>::min() &&
                    number <= std::numeric_limits<std::int32_t>::max();
  return fits ? static_cast<std::int32_t>(number) : absent_value;
}

std::int32_t int32_at(JsonView object, std::string_view name, std::int32_t absent_value) {
  return int32_of(object.member(name), absent_value);
}

bool bool_at(JsonView object, std::string_view name, bool absent_value) {
  const JsonView value = object.member(name);
  if (value.is(JsonKind::boolean)) return value.integer() != 0;
  if (value.is(JsonKind::string)) return value.text() == "true";
  return absent_value;
}

std::vector<std::string> texts_of(JsonView list) {
  std::vector<std::string> texts;
  for (const JsonView item : list.elements()) {
    if (item.is(JsonKind::string)) texts.emplace_back(item.text());
  }
  return texts;
}

}  // namespace rmq::protocol
