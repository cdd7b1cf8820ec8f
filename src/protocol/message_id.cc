#include "protocol/message_id.h"

#include "base/cursor.h"
#include "base/hex.h"
#include "protocol/byte_writer.h"

namespace rmq::protocol {
namespace {

constexpr std::size_t kTextBytesV4 = 32;
constexpr std::size_t kTextBytesV6 = 56;

std::string to_text(base::Bytes address, std::int32_t port, std::int64_t commit_log_offset) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.put_bytes(address);
  writer.put_i32(port);
  writer.put_i64(commit_log_offset);
  return base::to_hex_upper(base::as_bytes(bytes));
}

}  // namespace

std::string to_text(const OffsetId& id) {
  return to_text(id.address, id.port, id.commit_log_offset);
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
  return to_text(message.store_host.canonical_address(), message.store_host.port,
                 message.commit_log_offset);
}

std::string message_id_of(const StoredMessageView& message) {
  const auto unique = message.properties().find(kPropertyUniqKey);
  return unique ? std::string(*unique) : offset_id_of(message);
}

}  // namespace rmq::protocol
