// The ROCKETMQ header (docs/wire-format.md): fixed fields, a remark, then length-prefixed entries.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "wire/command.h"

namespace rmq::wire {

inline constexpr std::size_t kBinaryHeaderBytesMin = 21;
inline constexpr std::size_t kBinaryOpaqueOffset = 5;  // in the header

// Fills everything of *view but serialization and body. Views point into `header`.
base::Status read_binary_header(base::Bytes header, HeaderScratch* scratch, CommandView* view);

}  // namespace rmq::wire
