// The errors about options themselves, not their values, worded in one place.
#pragma once

#include <string_view>

#include "base/error.h"
#include "config/option.h"

namespace rmq::config {

base::Error make_unknown_option(std::string_view name);
// For code that sets an option which nothing reads yet.
base::Error make_option_without_effect(const OptionInfo& info);
// For code that sets an option to a value which is not there yet.
base::Error make_value_without_effect(const OptionInfo& info, std::string_view value);
base::Error make_option_of_code(const OptionInfo& info);
base::Error make_misplaced_option(const OptionInfo& info, Owner owner);

}  // namespace rmq::config
