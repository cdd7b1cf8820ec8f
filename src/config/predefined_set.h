// Named sets of values to begin a Config from. Constant; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "config/option.h"

namespace rmq::config {

struct PredefinedValue {
  OptionId id;
  std::string_view value;
};

struct PredefinedSet {
  std::string_view name;
  std::string_view sentence;
  std::span<const PredefinedValue> values;
};

// Null past the end.
const PredefinedSet* predefined_set_at(std::size_t index);
const PredefinedSet* find_predefined_set(std::string_view name);

}  // namespace rmq::config
