#include "wire/frame_writer.h"

#include <cstring>
#include <limits>

#include "base/cursor.h"
#include "base/decimal.h"
#include "base/json_string.h"
#include "wire/binary_header.h"
#include "wire/language.h"

namespace rmq::wire {
namespace {

constexpr std::string_view kJsonStart = "{\"opaque\":";
constexpr std::size_t kJsonOpaqueOffset = kFramePrefixBytes + kJsonStart.size();
constexpr std::size_t kJsonOpaqueBytes = 11;  // "-2147483648"; the rest is spaces

bool fits_16_bits(std::int32_t value) {
  return value >= std::numeric_limits<std::int16_t>::min() &&
         value <= std::numeric_limits<std::int16_t>::max();
}

void write_json_opaque(std::int32_t opaque, char* to) {
  const base::DecimalText digits(opaque);
  std::memset(to, ' ', kJsonOpaqueBytes);
  std::memcpy(to, digits.view().data(), digits.view().size());
}

}  // namespace

bool FrameWriter::is_binary(const FrameHead& head) {
  return head.serialization == Serialization::rocketmq && fits_16_bits(head.code) &&
         fits_16_bits(head.version);
}

FrameWriter::FrameWriter(base::MutableBytes memory, const FrameHead& head)
    : memory_(memory),
      serialization_(is_binary(head) ? Serialization::rocketmq : Serialization::json) {
  put_int<std::uint64_t>(0);  // both length words, filled in by finish()
  if (serialization_ == Serialization::rocketmq) {
    begin_binary(head);
  } else {
    begin_json(head);
  }
}

void FrameWriter::begin_binary(const FrameHead& head) {
  const std::string_view remark = head.remark.value_or(std::string_view());
  put_int<std::uint16_t>(static_cast<std::uint16_t>(head.code));
  put_int<std::uint8_t>(static_cast<std::uint8_t>(head.language));
  put_int<std::uint16_t>(static_cast<std::uint16_t>(head.version));
  put_int<std::uint32_t>(static_cast<std::uint32_t>(head.opaque));
  put_int<std::uint32_t>(static_cast<std::uint32_t>(head.flag));
  put_int<std::uint32_t>(static_cast<std::uint32_t>(remark.size()));
  put_bytes(remark);
  fields_length_offset_ = size_;
  put_int<std::uint32_t>(0);
}

void FrameWriter::begin_json(const FrameHead& head) {
  const auto put_member = [this](std::string_view name, std::int32_t value) {
    put_bytes(name);
    put_bytes(base::DecimalText(value).view());
  };
  char opaque[kJsonOpaqueBytes];
  write_json_opaque(head.opaque, opaque);
  put_bytes(kJsonStart);
  put_bytes({opaque, kJsonOpaqueBytes});
  put_member(",\"code\":", head.code);
  put_member(",\"flag\":", head.flag);
  put_member(",\"version\":", head.version);
  put_bytes(",\"language\":\"");
  put_bytes(language_name(head.language));
  put_bytes("\",\"serializeTypeCurrentRPC\":\"JSON\"");
  if (head.remark) {
    put_bytes(",\"remark\":");
    put_json_text(*head.remark);
  }
}

void FrameWriter::put_field(std::string_view name, std::string_view value) {
  if (serialization_ == Serialization::rocketmq) {
    put_int<std::uint16_t>(static_cast<std::uint16_t>(name.size()));
    put_bytes(name);
    put_int<std::uint32_t>(static_cast<std::uint32_t>(value.size()));
    put_bytes(value);
    return;
  }
  put_bytes(has_fields_ ? "," : ",\"extFields\":{");
  has_fields_ = true;
  put_json_text(name);
  put_bytes(":");
  put_json_text(value);
}

void FrameWriter::field(std::string_view name, std::string_view value) {
  if (!value.empty()) put_field(name, value);
}

void FrameWriter::field(std::string_view name, std::int64_t value) {
  put_field(name, base::DecimalText(value).view());
}

void FrameWriter::field_bool(std::string_view name, bool value) {
  put_field(name, value ? "true" : "false");
}

std::size_t FrameWriter::finish(std::size_t body_bytes) {
  if (serialization_ == Serialization::rocketmq) {
    const std::size_t fields_bytes = size_ - fields_length_offset_ - sizeof(std::uint32_t);
    store_int(fields_length_offset_, static_cast<std::uint32_t>(fields_bytes));
  } else {
    put_bytes(has_fields_ ? "}}" : "}");
  }
  const auto header_bytes = static_cast<std::uint32_t>(size_ - kFramePrefixBytes);
  store_int(0, static_cast<std::uint32_t>(size_ - kLengthWordBytes + body_bytes));
  store_int(kLengthWordBytes,
            (static_cast<std::uint32_t>(serialization_) << 24) | (header_bytes & 0xFFFFFF));
  return size_;
}

void FrameWriter::put_bytes(std::string_view bytes) {
  if (!bytes.empty() && size_ + bytes.size() <= memory_.size()) {
    std::memcpy(memory_.data() + size_, bytes.data(), bytes.size());
  }
  size_ += bytes.size();
}

void FrameWriter::put_json_text(std::string_view text) {
  base::put_json_string(text, [this](std::string_view piece) { put_bytes(piece); });
}

template <typename T>
void FrameWriter::put_int(T value) {
  store_int(size_, value);
  size_ += sizeof(T);
}

template <typename T>
void FrameWriter::store_int(std::size_t offset, T value) {
  if (offset + sizeof(T) <= memory_.size()) base::store_big_endian(memory_.data() + offset, value);
}

void patch_opaque(base::MutableBytes head, std::int32_t opaque) {
  const bool binary = head[kLengthWordBytes] == static_cast<std::uint8_t>(Serialization::rocketmq);
  if (binary) {
    base::store_big_endian(head.data() + kFramePrefixBytes + kBinaryOpaqueOffset,
                           static_cast<std::uint32_t>(opaque));
  } else {
    write_json_opaque(opaque, reinterpret_cast<char*>(head.data()) + kJsonOpaqueOffset);
  }
}

}  // namespace rmq::wire
