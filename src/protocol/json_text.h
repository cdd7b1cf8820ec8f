// JSON as Java's fastjson writes it (protocol.md section 3), made standard: number keys get quotes,
// and a map whose keys are objects becomes {"$map":[[key,value],...]}. Everything else passes
// through; whether it is JSON at all is for the parser to say.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace rmq::protocol {

inline constexpr std::string_view kObjectKeyedMap = "$map";
inline constexpr int kJsonDepthMax = 64;
inline constexpr std::size_t kJsonBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kJsonValuesMax = 2'000'000;  // bounds the tree made of a hostile text

// BAD_BODY with an offset when the structure is broken, too deep or too large.
base::Result<std::string> to_standard_json(std::string_view text);

}  // namespace rmq::protocol
