// Java's String.hashCode, which brokers use to filter by tag.
#pragma once

#include <cstdint>
#include <string_view>

namespace rmq::base {

// `text` is UTF-8; the hash runs over its UTF-16 units.
std::int32_t java_string_hash(std::string_view text);

// Order of Java's String.compareTo for UTF-8 texts: by UTF-16 units, so that U+1F680 comes before
// U+FFFD although its bytes come after.
bool less_in_java(std::string_view a, std::string_view b);

}  // namespace rmq::base
