// CRC-32 as zlib and Java's CRC32 compute it.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace rmq::base {

std::uint32_t crc32(Bytes bytes);

}  // namespace rmq::base
