// Base64, padded when written (RFC 4648). Reading takes both alphabets, with padding or without.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace rmq::base {

std::string to_base64(Bytes bytes);
std::string to_base64_url(Bytes bytes);

std::optional<std::string> from_base64(std::string_view text);

}  // namespace rmq::base
