// Counts the bytes of a binary head, as FrameWriter writes it, without writing any. Each send is
// counted before there is memory for it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/decimal.h"
#include "wire/binary_header.h"
#include "wire/frame_writer.h"

namespace rmq::wire {

class HeadCounter {
 public:
  // Only for heads that FrameWriter writes in the binary form (FrameWriter::is_binary).
  explicit HeadCounter(const FrameHead& head)
      : bytes_(kFixedBytes + head.remark.value_or(std::string_view()).size()) {}

  void field(std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value.size());
  }
  void field(std::string_view name, std::int64_t value) { add(name, base::decimal_size(value)); }
  void field_bool(std::string_view name, bool value) { add(name, value ? 4 : 5); }

  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kFixedBytes = kFramePrefixBytes + kBinaryHeaderBytesMin;
  static constexpr std::size_t kFieldLengthsBytes = 2 + 4;

  void add(std::string_view name, std::size_t value_bytes) {
    bytes_ += kFieldLengthsBytes + name.size() + value_bytes;
  }

  std::size_t bytes_;
};

}  // namespace rmq::wire
