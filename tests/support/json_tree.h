// A JSON body as a tree, for tests that compare values. The library builds none, because taking a
// tree down needs memory.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "protocol/json_document.h"

namespace rmq::test {

// A map whose keys are values becomes {"$map":[[key,value],...]}.
inline constexpr std::string_view kPairsName = "$map";

inline nlohmann::json to_tree(protocol::JsonView value) {
  using nlohmann::json;
  json tree;
  switch (value.kind()) {
    case protocol::JsonKind::null:
      break;
    case protocol::JsonKind::boolean:
      tree = value.integer() != 0;
      break;
    case protocol::JsonKind::integer:
      tree = value.integer();
      break;
    case protocol::JsonKind::number:
      tree = json::parse(value.text(), nullptr, false);
      // A number that no double holds stays its text.
      if (tree.is_discarded()) tree = std::string(value.text());
      break;
    case protocol::JsonKind::string:
      tree = std::string(value.text());
      break;
    case protocol::JsonKind::array:
      tree = json::array();
      for (const protocol::JsonView item : value.elements()) tree.push_back(to_tree(item));
      break;
    case protocol::JsonKind::object:
      tree = json::object();
      for (const protocol::JsonView item : value.members()) {
        tree[std::string(item.name())] = to_tree(item);
      }
      break;
    case protocol::JsonKind::pairs: {
      json pairs = json::array();
      for (const protocol::JsonView pair : value.pairs()) pairs.push_back(to_tree(pair));
      tree = json::object();
      tree[std::string(kPairsName)] = std::move(pairs);
      break;
    }
  }
  return tree;
}

}  // namespace rmq::test
