#include "protocol/unique_id.h"

#include <algorithm>

#include "base/cursor.h"
#include "base/hex.h"
#include "protocol/byte_writer.h"

namespace rmq::protocol {
namespace {

constexpr std::size_t kUniqueIdTextBytesV4 = 32;
constexpr std::uint8_t kUnknownAddress[4] = {0, 0, 0, 0};
constexpr std::uint64_t kClockStepMax = 3600 * 1000;
constexpr int kEraShift = 48;
constexpr std::uint64_t kEraMax = 0xFFFF;
constexpr std::uint32_t kEraHash = 0x9E3779B1;  // odd, so that no two eras share a hash

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
    : hash_(hash), last_(static_cast<std::uint16_t>(first_counter - 1)) {
  const bool usable = address.size() == 4 || address.size() == 16;
  const std::string prefix =
      make_prefix(usable ? address : base::Bytes(kUnknownAddress), pid, hash);
  prefix_bytes_ = prefix.size();
  std::copy(prefix.begin(), prefix.end(), prefix_.begin());
}

// Counts on. Where the counter wraps the time must move, so that no pair of them comes twice.
std::uint64_t UniqueIdGenerator::take_next(std::uint32_t now_ms) {
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    const auto counter = static_cast<std::uint16_t>(last + 1);
    const std::uint64_t era = last >> kEraShift;
    const auto last_ms = static_cast<std::uint32_t>(last >> 16);
    if (now_ms + kClockStepMax < last_ms && era < kEraMax) {
      next = (era + 1) << kEraShift | std::uint64_t{now_ms} << 16 | counter;
    } else {
      const std::uint64_t least = (last >> 16) + (counter == 0 && last >> 16 != 0 ? 1 : 0);
      next = std::max(least, era << 32 | now_ms) << 16 | counter;
    }
  } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return next;
}

void UniqueIdGenerator::write_next(std::int64_t month_ms, char* to) {
  const auto now_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(month_ms, 0, UINT32_MAX));
  const std::uint64_t id = take_next(now_ms);
  std::uint8_t tail[6];
  base::store_big_endian(tail, static_cast<std::uint32_t>(id >> 16));
  base::store_big_endian(tail + 4, static_cast<std::uint16_t>(id));
  std::copy_n(prefix_.begin(), prefix_bytes_, to);
  if (const auto era = static_cast<std::uint32_t>(id >> kEraShift); era != 0) {
    std::uint8_t hash[4];
    base::store_big_endian(hash, hash_ + era * kEraHash);
    base::write_hex_upper(hash, to + prefix_bytes_ - 2 * sizeof hash);
  }
  base::write_hex_upper(tail, to + prefix_bytes_);
}

std::string UniqueIdGenerator::next(std::int64_t month_ms) {
  std::string text(text_bytes(), '\0');
  write_next(month_ms, text.data());
  return text;
}

}  // namespace rmq::protocol
