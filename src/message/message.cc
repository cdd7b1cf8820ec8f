#include "message/message.h"

namespace rmq::message {

std::string_view Message::property(std::string_view name) const {
  for (std::size_t i = property_count(); i-- > 0;) {
    const MessageProperty property = property_at(i);
    if (property.name == name) return property.value;
  }
  return {};
}

}  // namespace rmq::message
