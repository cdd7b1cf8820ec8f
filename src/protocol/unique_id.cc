#include "protocol/unique_id.h"

#include <algorithm>

#include "base/cursor.h"
#include "base/hex.h"
#include "protocol/byte_writer.h"

namespace rmq::protocol {
namespace {

constexpr std::size_t kUniqueIdTextBytesV4 = 32;
constexpr std::uint8_t kUnknownAddress[4] = {0, 0, 0, 0};

std::string make_prefix(base::Bytes address, std::uint16_t pid, std::uint32_t hash) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.put_bytes(address);
  writer.put_u16(pid);
  writer.put_u32(hash);
  return base::to_hex_upper(base::as_bytes(bytes));
}

}  // namespace

std::string to_text(const UniqueId& id) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.put_u32(id.month_ms);
  writer.put_u16(id.counter);
  return make_prefix(id.address, id.pid, id.hash) + base::to_hex_upper(base::as_bytes(bytes));
}

std::optional<UniqueId> parse_unique_id(std::string_view text) {
  if (text.size() != kUniqueIdTextBytesV4 && text.size() != UniqueIdGenerator::kTextBytesMax) {
    return std::nullopt;
  }
  std::uint8_t bytes[UniqueIdGenerator::kTextBytesMax / 2];
  if (!base::read_hex(text, bytes)) return std::nullopt;
  base::Cursor cursor(base::Bytes(bytes, text.size() / 2));
  const base::Bytes address = cursor.take_bytes(text.size() == kUniqueIdTextBytesV4 ? 4 : 16);
  UniqueId id;
  id.address.assign(address.begin(), address.end());
  id.pid = cursor.take_u16();
  id.hash = cursor.take_u32();
  id.month_ms = cursor.take_u32();
  id.counter = cursor.take_u16();
  return id;
}

UniqueIdGenerator::UniqueIdGenerator(base::Bytes address, std::uint16_t pid, std::uint32_t hash,
                                     std::uint16_t first_counter)
    : counter_(first_counter) {
  const bool usable = address.size() == 4 || address.size() == 16;
  const std::string prefix =
      make_prefix(usable ? address : base::Bytes(kUnknownAddress), pid, hash);
  prefix_bytes_ = prefix.size();
  std::copy(prefix.begin(), prefix.end(), prefix_.begin());
}

void UniqueIdGenerator::write_next(std::int64_t month_ms, char* to) {
  std::uint8_t tail[6];
  base::store_big_endian(tail, static_cast<std::uint32_t>(std::max<std::int64_t>(month_ms, 0)));
  base::store_big_endian(
      tail + 4, static_cast<std::uint16_t>(counter_.fetch_add(1, std::memory_order_relaxed)));
  std::copy_n(prefix_.begin(), prefix_bytes_, to);
  base::write_hex_upper(tail, to + prefix_bytes_);
}

std::string UniqueIdGenerator::next(std::int64_t month_ms) {
  std::string text(text_bytes(), '\0');
  write_next(month_ms, text.data());
  return text;
}

}  // namespace rmq::protocol
