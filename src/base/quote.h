// Text that came from outside, as an error or a log line may show it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rmq::base {

// `text` between backticks. Bytes that are no printable ASCII show as escapes (`\n`,
// `\xEF\xBC\x9B`), so that a reader sees what is invisible otherwise. Beyond `bytes_max` bytes it
// is cut, and its length is told.
std::string quote(std::string_view text, std::size_t bytes_max = 64);

}  // namespace rmq::base
