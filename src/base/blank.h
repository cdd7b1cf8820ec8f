// Blanks of every kind: ASCII's white space, Unicode's spaces, and the signs that nobody sees
// (zero-width spaces, direction marks, the byte order mark). Copied texts and files hold them.
#pragma once

#include <cstddef>
#include <string_view>

namespace rmq::base {

// Takes the blanks off both ends. Bytes that are not UTF-8 are no blanks.
std::string_view trim_blanks(std::string_view text);

// The place of the first blank that separates words, npos when there is none. Joiners and direction
// marks belong to words of some languages and do not count inside a text.
std::size_t find_blank(std::string_view text);

// The place of the first control character (below U+0020, U+007F to U+009F), npos when there is
// none.
std::size_t find_control(std::string_view text);

}  // namespace rmq::base
