// The two errors about names of options, worded in one place.
#pragma once

#include <string_view>

#include "base/error.h"
#include "config/option.h"

namespace rmq::config {

base::Error make_unknown_option(std::string_view name);
base::Error make_misplaced_option(const OptionInfo& info, Owner owner);

}  // namespace rmq::config
