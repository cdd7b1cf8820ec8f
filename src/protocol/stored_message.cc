#include "protocol/stored_message.h"

#include <algorithm>
#include <iterator>

#include "base/compression.h"
#include "base/crc32.h"
#include "base/cursor.h"
#include "base/format.h"
#include "protocol/sys_flag.h"

namespace rmq::protocol {
namespace {

constexpr std::int32_t kPortMax = 65535;

MessageHost take_host(base::Cursor* cursor, bool v6) {
  MessageHost host;
  host.address = cursor->take_bytes(v6 ? 16 : 4);
  host.port = cursor->take_i32();
  return host;
}

bool is_port(std::int32_t port) { return port >= 0 && port <= kPortMax; }

void take_fixed_fields(base::Cursor* cursor, StoredMessageView* message) {
  message->body_crc = cursor->take_u32();
  message->queue_id = cursor->take_i32();
  message->flag = cursor->take_i32();
  message->queue_offset = cursor->take_i64();
  message->commit_log_offset = cursor->take_i64();
  message->sys_flag = cursor->take_i32();
  message->born_timestamp_ms = cursor->take_i64();
  message->born_host = take_host(cursor, (message->sys_flag & kSysFlagBornHostV6) != 0);
  message->store_timestamp_ms = cursor->take_i64();
  message->store_host = take_host(cursor, (message->sys_flag & kSysFlagStoreHostV6) != 0);
  message->reconsume_times = cursor->take_i32();
  message->prepared_transaction_offset = cursor->take_i64();
}

}  // namespace

base::Bytes MessageHost::canonical_address() const {
  static constexpr std::uint8_t kMappedPrefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool mapped = address.size() == 16 && std::equal(std::begin(kMappedPrefix),
                                                         std::end(kMappedPrefix), address.begin());
  return mapped ? address.subspan(std::size(kMappedPrefix)) : address;
}

bool StoredMessageView::is_compressed() const {
  return (sys_flag & kSysFlagCompressed) != 0 && !body.empty();
}

bool StoredMessageReader::fail(std::string_view what) {
  status_ =
      base::make_error(base::ErrorCode::BAD_BODY,
                       base::format("reading stored messages of {} bytes: the one at offset {} {}",
                                    messages_.size(), offset_, what));
  return false;
}

bool StoredMessageReader::next(StoredMessageView* message) {
  if (!status_.ok() || offset_ == messages_.size()) return false;
  base::Bytes rest = messages_.subspan(offset_);
  base::Cursor head(rest);
  message->total_bytes = head.take_i32();
  message->magic = head.take_u32();
  if (!head.ok()) return fail("ends early");
  if (message->magic != kMessageMagicV1 && message->magic != kMessageMagicV2) {
    return fail(base::format("has magic {:#x}", message->magic));
  }
  if (rule_ == TotalSizeRule::checked) {
    const std::int64_t total = message->total_bytes;
    if (total < 0 || total > static_cast<std::int64_t>(rest.size())) {
      return fail(base::format("has size {}, {} bytes are left", total, rest.size()));
    }
    rest = rest.first(static_cast<std::size_t>(total));
  }
  base::Cursor cursor(rest);
  cursor.take_bytes(static_cast<std::int64_t>(head.offset()));
  take_fixed_fields(&cursor, message);
  message->body = cursor.take_bytes(cursor.take_i32());
  const bool v2 = message->magic == kMessageMagicV2;
  const std::int64_t topic_bytes =
      v2 ? cursor.take_i16() : static_cast<std::int8_t>(cursor.take_u8());
  message->topic = base::as_text(cursor.take_bytes(topic_bytes));
  const std::int16_t properties_bytes = cursor.take_i16();
  const bool lenient = rule_ == TotalSizeRule::ignored && properties_bytes < 0;
  message->properties_text =
      base::as_text(cursor.take_bytes(lenient ? 0 : std::int64_t{properties_bytes}));
  if (!cursor.ok()) return fail("has a length that does not fit or ends early");
  if (!is_port(message->born_host.port) || !is_port(message->store_host.port)) {
    return fail("has a port that is none");
  }
  if (rule_ == TotalSizeRule::checked && cursor.remaining() > 0) {
    return fail(base::format("has size {}, its fields take {}", rest.size(), cursor.offset()));
  }
  message->stored = rest.first(cursor.offset());
  offset_ += cursor.offset();
  return true;
}

std::int64_t peek_commit_log_offset(base::Bytes stored) {
  constexpr std::int64_t kPlace = 28;
  base::Cursor cursor(stored);
  cursor.take_bytes(kPlace);
  const std::int64_t offset = cursor.take_i64();
  return cursor.ok() ? offset : -1;
}

bool has_good_crc(const StoredMessageView& message) {
  return message.body_crc == (base::crc32(message.body) & 0x7FFFFFFF);
}

base::Result<std::string> decompress_body(const StoredMessageView& message,
                                          std::size_t body_bytes_max) {
  const auto kind = compression_of(message.sys_flag);
  if (!kind) {
    return base::make_error(base::ErrorCode::BAD_BODY,
                            base::format("decompressing a message body: sysFlag {:#x} names no "
                                         "known compression",
                                         message.sys_flag));
  }
  return base::decompress(*kind, message.body, body_bytes_max);
}

}  // namespace rmq::protocol
