// Takes pieces off the front of a text.
#pragma once

#include <algorithm>
#include <string_view>

namespace rmq::protocol {

inline std::string_view take_piece(std::string_view* rest, char separator) {
  const std::string_view piece = rest->substr(0, rest->find(separator));
  rest->remove_prefix(std::min(rest->size(), piece.size() + 1));
  return piece;
}

}  // namespace rmq::protocol
