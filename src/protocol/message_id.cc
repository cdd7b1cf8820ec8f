#include "protocol/message_id.h"

#include <algorithm>
#include <cassert>

#include "base/cursor.h"
#include "base/hex.h"

namespace rmq::protocol {
namespace {

constexpr std::size_t kTextBytesV4 = 32;
constexpr std::size_t kTextBytesV6 = 56;

// Big-endian, as all numbers of RocketMQ.
template <typename Integer>
void put_number(Integer value, std::uint8_t** place) {
  for (std::size_t shift = sizeof value * 8; shift > 0; shift -= 8)
    *(*place)++ = static_cast<std::uint8_t>(value >> (shift - 8));
}

std::string_view write_text(base::Bytes address, std::int32_t port, std::int64_t commit_log_offset,
                            std::span<char, kOffsetIdTextBytesMax> text) {
  assert(address.size() <= 16);
  std::uint8_t bytes[kTextBytesV6 / 2];
  std::uint8_t* place = std::copy(address.begin(), address.end(), bytes);
  put_number(port, &place);
  put_number(commit_log_offset, &place);
  const base::Bytes all(bytes, place);
  base::write_hex_upper(all, text.data());
  return {text.data(), all.size() * 2};
}

}  // namespace

std::string to_text(const OffsetId& id) {
  char text[kOffsetIdTextBytesMax];
  return std::string(write_text(id.address, id.port, id.commit_log_offset, text));
}

std::optional<OffsetId> parse_offset_id(std::string_view text) {
  if (text.size() != kTextBytesV4 && text.size() != kTextBytesV6) return std::nullopt;
  std::uint8_t bytes[kTextBytesV6 / 2];
  if (!base::read_hex(text, bytes)) return std::nullopt;
  base::Cursor cursor(base::Bytes(bytes, text.size() / 2));
  OffsetId id;
  MessageHost host{.address = cursor.take_bytes(text.size() == kTextBytesV4 ? 4 : 16)};
  const base::Bytes address = host.canonical_address();
  id.address.assign(address.begin(), address.end());
  id.port = cursor.take_i32();
  id.commit_log_offset = cursor.take_i64();
  if (id.port < 0 || id.port > 65535) return std::nullopt;
  return id;
}

std::string offset_id_of(const StoredMessageView& message) {
  char text[kOffsetIdTextBytesMax];
  return std::string(write_offset_id(message, text));
}

std::string_view write_offset_id(const StoredMessageView& message,
                                 std::span<char, kOffsetIdTextBytesMax> text) {
  return write_text(message.store_host.canonical_address(), message.store_host.port,
                    message.commit_log_offset, text);
}

std::string message_id_of(const StoredMessageView& message) {
  const auto unique = message.properties().find(kPropertyUniqKey);
  return unique ? std::string(*unique) : offset_id_of(message);
}

}  // namespace rmq::protocol
