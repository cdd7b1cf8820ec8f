#include "base/format.h"

#include <fmt/format.h>

namespace rmq::base {

std::string format_arguments(fmt::string_view pattern, fmt::format_args arguments) {
  return fmt::vformat(pattern, arguments);
}

}  // namespace rmq::base
