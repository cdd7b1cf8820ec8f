#include "base/crc32.h"

#include <zlib.h>

namespace rmq::base {

std::uint32_t crc32(Bytes bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace rmq::base
