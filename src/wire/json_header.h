// The JSON header, decoded in one pass and in place; no tree is built. Only text with escapes is
// copied, into the scratch.
#pragma once

#include <string_view>

#include "base/error.h"
#include "wire/command.h"

namespace rmq::wire {

// Unknown members are skipped down to this nesting, deeper ones are an error.
inline constexpr int kJsonHeaderDepthMax = 64;

// Fills everything of *view but serialization and body. Views point into `header` or the scratch.
base::Status read_json_header(std::string_view header, HeaderScratch* scratch, CommandView* view);

}  // namespace rmq::wire
