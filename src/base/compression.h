// The three compressions that message bodies carry. Decompression streams into its output under a
// bound, so that a few bytes cannot make it allocate more than the bound and one chunk.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace rmq::base {

// Numbers are those of the message's sysFlag.
enum class Compression : std::uint8_t {
  lz4 = 1,   // frame format
  zstd = 2,  // one or more frames
  zlib = 3,  // RFC 1950
};

inline constexpr int kCompressionLevelDefault = 5;

// Level 1 to 9 for zlib, 1 to 22 for zstd; outside values are brought into range. LZ4 takes 0
// to 12.
Result<std::string> compress(Compression kind, int level, Bytes input);

// BAD_BODY for damaged or incomplete input, TOO_LARGE when more than output_bytes_max would come
// out.
Result<std::string> decompress(Compression kind, Bytes input, std::size_t output_bytes_max);

}  // namespace rmq::base
