// Walks over borrowed bytes and takes big-endian values. A read past the end gives zero or an empty
// span and marks the cursor as failed for good. So a decoder may take a run of fields and ask once.
// Never reads outside the bytes that it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace rmq::base {

template <typename T>
T load_big_endian(const std::uint8_t* from) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8) | from[i]);
  return value;
}

template <typename T>
void store_big_endian(std::uint8_t* to, T value) {
  for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8)) {
    to[i] = static_cast<std::uint8_t>(value);
  }
}

template <>
inline std::uint8_t load_big_endian<std::uint8_t>(const std::uint8_t* from) {
  return *from;
}

template <>
inline void store_big_endian<std::uint8_t>(std::uint8_t* to, std::uint8_t value) {
  *to = value;
}

class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return !failed_; }
  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return bytes_.size() - offset_; }

  std::uint8_t take_u8() { return take<std::uint8_t>(); }
  std::uint16_t take_u16() { return take<std::uint16_t>(); }
  std::uint32_t take_u32() { return take<std::uint32_t>(); }
  std::uint64_t take_u64() { return take<std::uint64_t>(); }
  std::int16_t take_i16() { return static_cast<std::int16_t>(take_u16()); }
  std::int32_t take_i32() { return static_cast<std::int32_t>(take_u32()); }
  std::int64_t take_i64() { return static_cast<std::int64_t>(take_u64()); }

  // A negative count, as a hostile length field may give, fails like one that is too large.
  Bytes take_bytes(std::int64_t count) {
    if (failed_ || count < 0 || static_cast<std::uint64_t>(count) > remaining()) {
      failed_ = true;
      return {};
    }
    Bytes taken = bytes_.subspan(offset_, static_cast<std::size_t>(count));
    offset_ += taken.size();
    return taken;
  }

 private:
  template <typename T>
  T take() {
    if (failed_ || remaining() < sizeof(T)) {
      failed_ = true;
      return 0;
    }
    T value = load_big_endian<T>(bytes_.data() + offset_);
    offset_ += sizeof(T);
    return value;
  }

  Bytes bytes_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

}  // namespace rmq::base
