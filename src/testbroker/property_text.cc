#include "testbroker/property_text.h"

#include <utility>

#include "protocol/properties.h"

namespace rmq::testbroker {

void remove_property(std::string_view name, std::string* text) {
  std::string rest;
  rest.reserve(text->size() + 1);
  for (const protocol::Property& property : protocol::Properties(*text)) {
    if (property.name != name) protocol::append_property(property.name, property.value, &rest);
  }
  *text = std::move(rest);
}

void put_property(std::string_view name, std::string_view value, std::string* text) {
  remove_property(name, text);
  protocol::append_property(name, value, text);
}

}  // namespace rmq::testbroker
