// Bits of a message's sysFlag (protocol.md 7.2).
#pragma once

#include <cstdint>
#include <optional>

#include "base/compression.h"

namespace rmq::protocol {

inline constexpr std::int32_t kSysFlagCompressed = 0x1;
inline constexpr std::int32_t kSysFlagMultiTags = 0x2;
inline constexpr std::int32_t kSysFlagTransactionMask = 0xC;
inline constexpr std::int32_t kSysFlagTransactionPrepared = 0x4;
inline constexpr std::int32_t kSysFlagTransactionCommit = 0x8;
inline constexpr std::int32_t kSysFlagTransactionRollback = 0xC;
inline constexpr std::int32_t kSysFlagBornHostV6 = 0x10;
inline constexpr std::int32_t kSysFlagStoreHostV6 = 0x20;
inline constexpr std::int32_t kSysFlagNeedUnwrap = 0x40;
inline constexpr std::int32_t kSysFlagInnerBatch = 0x80;
inline constexpr std::int32_t kSysFlagCompressionTypeShift = 8;
inline constexpr std::int32_t kSysFlagCompressionTypeMask = 0x700;

// The type bits of a compressed body: 0 is what clients before 4.9.4 wrote and means zlib.
inline std::optional<base::Compression> compression_of(std::int32_t sys_flag) {
  switch ((sys_flag & kSysFlagCompressionTypeMask) >> kSysFlagCompressionTypeShift) {
    case 0:
    case 3:
      return base::Compression::zlib;
    case 1:
      return base::Compression::lz4;
    case 2:
      return base::Compression::zstd;
    default:
      return std::nullopt;
  }
}

inline std::int32_t with_compression(std::int32_t sys_flag, base::Compression kind) {
  return (sys_flag & ~kSysFlagCompressionTypeMask) | kSysFlagCompressed |
         (static_cast<std::int32_t>(kind) << kSysFlagCompressionTypeShift);
}

inline bool is_inner_batch(std::int32_t sys_flag) {
  constexpr std::int32_t kBoth = kSysFlagInnerBatch | kSysFlagNeedUnwrap;
  return (sys_flag & kBoth) == kBoth;
}

}  // namespace rmq::protocol
