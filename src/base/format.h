// Text from a pattern and values, in the notation of {fmt}. Included by .cc files only.
#pragma once

#include <fmt/core.h>

#include <string>

namespace rmq::base {

// All of {fmt} that formats is compiled once, behind this function, and not in every file that
// makes a message.
std::string format_arguments(fmt::string_view pattern, fmt::format_args arguments);

// The pattern is checked against the arguments' types by the compiler.
template <typename... Arguments>
std::string format(fmt::format_string<Arguments...> pattern, Arguments&&... arguments) {
  return format_arguments(pattern, fmt::make_format_args(arguments...));
}

}  // namespace rmq::base
