// Text in replies and messages: what others chose may hold anything, and a line is a line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rmq::testbroker {

// The longest prefix of at most `size_max` bytes that ends no character in its middle.
std::string_view cut_text(std::string_view text, std::size_t size_max);

// One word of a reply's line, whatever it is: "-" when empty. Blanks, control characters, line ends
// and '%' are written as %XX, one for each byte. So are bytes above 0x7f in a text that is no
// UTF-8. A text that is a dash itself is %2D.
std::string shown(std::string_view text);

}  // namespace rmq::testbroker
