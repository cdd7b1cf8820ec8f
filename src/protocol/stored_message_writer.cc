#include "protocol/stored_message_writer.h"

#include <limits>

#include "base/crc32.h"
#include "base/cursor.h"
#include "base/format.h"
#include "protocol/byte_writer.h"
#include "protocol/sys_flag.h"

namespace rmq::protocol {
namespace {

constexpr std::size_t kQueueOffsetAt = 20;
constexpr std::size_t kCommitLogOffsetAt = 28;
// Everything but hosts' addresses, body, topic and properties, with a one-byte topic length.
constexpr std::size_t kFixedBytesV1 = 83;

constexpr std::uint8_t kNoAddress[4] = {0, 0, 0, 0};

base::Bytes address_or_zero(const MessageHost& host) {
  return host.address.empty() ? base::Bytes(kNoAddress) : host.address;
}

std::int32_t with_bit(std::int32_t flags, std::int32_t bit, bool set) {
  return set ? flags | bit : flags & ~bit;
}

base::Status check_sizes(const StoredMessageView& message) {
  const std::size_t short_max = std::numeric_limits<std::int16_t>::max();
  // Leaves room for everything else below the 31 bits of TOTALSIZE.
  constexpr std::size_t kBodyBytesMax = std::numeric_limits<std::int32_t>::max() - 128 * 1024;
  if (message.body.size() <= kBodyBytesMax && message.topic.size() <= short_max &&
      message.properties_text.size() <= short_max) {
    return {};
  }
  return base::make_error(
      base::ErrorCode::TOO_LARGE,
      base::format("writing a stored message: body of {}, topic of {}, properties of {} bytes",
                   message.body.size(), message.topic.size(), message.properties_text.size()));
}

}  // namespace

base::Status append_stored_message(const StoredMessageView& message, std::string* out) {
  if (base::Status status = check_sizes(message); !status.ok()) return status;
  const base::Bytes born = address_or_zero(message.born_host);
  const base::Bytes store = address_or_zero(message.store_host);
  const bool v2 = message.magic == kMessageMagicV2 || message.topic.size() > kTopicBytesMaxV1;
  const std::size_t total = kFixedBytesV1 + (v2 ? 1 : 0) + born.size() + store.size() +
                            message.body.size() + message.topic.size() +
                            message.properties_text.size();
  std::int32_t sys_flag = with_bit(message.sys_flag, kSysFlagBornHostV6, born.size() == 16);
  sys_flag = with_bit(sys_flag, kSysFlagStoreHostV6, store.size() == 16);
  ByteWriter writer(out);
  writer.put_u32(static_cast<std::uint32_t>(total));
  writer.put_u32(v2 ? kMessageMagicV2 : kMessageMagicV1);
  writer.put_u32(base::crc32(message.body) & 0x7FFFFFFF);
  writer.put_i32(message.queue_id);
  writer.put_i32(message.flag);
  writer.put_i64(message.queue_offset);
  writer.put_i64(message.commit_log_offset);
  writer.put_i32(sys_flag);
  writer.put_i64(message.born_timestamp_ms);
  writer.put_bytes(born);
  writer.put_i32(message.born_host.port);
  writer.put_i64(message.store_timestamp_ms);
  writer.put_bytes(store);
  writer.put_i32(message.store_host.port);
  writer.put_i32(message.reconsume_times);
  writer.put_i64(message.prepared_transaction_offset);
  writer.put_u32(static_cast<std::uint32_t>(message.body.size()));
  writer.put_bytes(message.body);
  if (v2) {
    writer.put_u16(static_cast<std::uint16_t>(message.topic.size()));
  } else {
    writer.put(static_cast<std::uint8_t>(message.topic.size()));
  }
  writer.put_bytes(base::as_bytes(message.topic));
  writer.put_u16(static_cast<std::uint16_t>(message.properties_text.size()));
  writer.put_bytes(base::as_bytes(message.properties_text));
  return {};
}

void patch_stored_offsets(base::MutableBytes stored, std::int64_t queue_offset,
                          std::int64_t commit_log_offset) {
  base::store_big_endian(stored.data() + kQueueOffsetAt, static_cast<std::uint64_t>(queue_offset));
  base::store_big_endian(stored.data() + kCommitLogOffsetAt,
                         static_cast<std::uint64_t>(commit_log_offset));
}

}  // namespace rmq::protocol
