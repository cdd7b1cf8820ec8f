#include "protocol/properties.h"

namespace rmq::protocol {

Properties::Iterator& Properties::Iterator::operator++() {
  while (!rest_.empty()) {
    const std::string_view piece = rest_.substr(0, rest_.find(kPropertyEnd));
    rest_.remove_prefix(piece.size() + (piece.size() < rest_.size() ? 1 : 0));
    const std::size_t name_bytes = piece.find(kNameEnd);
    if (name_bytes != piece.npos && name_bytes > 0 && name_bytes + 1 < piece.size()) {
      property_ = {piece.substr(0, name_bytes), piece.substr(name_bytes + 1)};
      return *this;
    }
  }
  at_end_ = true;
  return *this;
}

std::optional<std::string_view> Properties::find(std::string_view name) const {
  std::optional<std::string_view> value;
  for (const Property& property : *this) {
    if (property.name == name) value = property.value;
  }
  return value;
}

void append_property(std::string_view name, std::string_view value, std::string* text) {
  text->append(name).push_back(kNameEnd);
  text->append(value).push_back(kPropertyEnd);
}

}  // namespace rmq::protocol
