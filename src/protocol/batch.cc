#include "protocol/batch.h"

#include <limits>

#include "base/cursor.h"
#include "base/format.h"
#include "protocol/byte_writer.h"
#include "protocol/sys_flag.h"

namespace rmq::protocol {

base::Status append_batch_message(const BatchMessage& message, std::string* out) {
  constexpr std::size_t kBodyBytesMax = std::numeric_limits<std::int32_t>::max() - 64 * 1024;
  if (message.body.size() > kBodyBytesMax ||
      message.properties_text.size() > std::numeric_limits<std::int16_t>::max()) {
    return base::make_error(base::ErrorCode::TOO_LARGE,
                            base::format("writing a batch: body of {}, properties of {} bytes",
                                         message.body.size(), message.properties_text.size()));
  }
  ByteWriter writer(out);
  writer.put_u32(static_cast<std::uint32_t>(kBatchMessageFixedBytes + message.body.size() +
                                            message.properties_text.size()));
  writer.put_u32(0);  // magic
  writer.put_u32(0);  // body crc
  writer.put_i32(message.flag);
  writer.put_u32(static_cast<std::uint32_t>(message.body.size()));
  writer.put_bytes(message.body);
  writer.put_u16(static_cast<std::uint16_t>(message.properties_text.size()));
  writer.put_bytes(base::as_bytes(message.properties_text));
  return {};
}

bool BatchReader::next(BatchMessage* message) {
  if (!status_.ok() || offset_ == batch_.size()) return false;
  base::Cursor cursor(batch_.subspan(offset_));
  const std::int32_t total = cursor.take_i32();
  cursor.take_u32();  // magic
  cursor.take_u32();  // body crc
  message->flag = cursor.take_i32();
  message->body = cursor.take_bytes(cursor.take_i32());
  message->properties_text = base::as_text(cursor.take_bytes(cursor.take_i16()));
  if (!cursor.ok() || total < 0 || static_cast<std::size_t>(total) != cursor.offset()) {
    status_ = base::make_error(
        base::ErrorCode::BAD_BODY,
        base::format("reading a batch of {} bytes: the message at offset {} ends early or has size "
                     "{}, its fields take {}",
                     batch_.size(), offset_, total, cursor.offset()));
    return false;
  }
  offset_ += cursor.offset();
  return true;
}

bool InnerBatchReader::next(StoredMessageView* message) {
  BatchMessage inner;
  if (!batch_.next(&inner)) return false;
  *message = outer_;
  message->sys_flag &= ~kSysFlagCompressed;
  message->flag = inner.flag;
  message->body = inner.body;
  message->properties_text = inner.properties_text;
  message->queue_offset = outer_.queue_offset + index_++;
  return true;
}

}  // namespace rmq::protocol
