// Appends big-endian values to a string.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/cursor.h"

namespace rmq::protocol {

class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <typename T>
  void put(T value) {
    std::uint8_t bytes[sizeof(T)];
    base::store_big_endian(bytes, value);
    put_bytes(bytes);
  }
  void put_u32(std::uint32_t value) { put(value); }
  void put_i32(std::int32_t value) { put(static_cast<std::uint32_t>(value)); }
  void put_i64(std::int64_t value) { put(static_cast<std::uint64_t>(value)); }
  void put_u16(std::uint16_t value) { put(value); }
  void put_bytes(base::Bytes bytes) { out_->append(base::as_text(bytes)); }

 private:
  std::string* out_;
};

}  // namespace rmq::protocol
