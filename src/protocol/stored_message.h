// The stored message (protocol.md 6.1, docs/wire-format.md): what bodies of pull, pop, view and
// query answers are made of. A view points into the received bytes and owns nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/properties.h"

namespace rmq::protocol {

inline constexpr std::uint32_t kMessageMagicV1 = 0xDAA320A7;
inline constexpr std::uint32_t kMessageMagicV2 = 0xDAA320AB;  // topic length in two bytes
inline constexpr std::size_t kTopicBytesMaxV1 = 127;

struct MessageHost {
  base::Bytes address{};  // 4 or 16 bytes, network order
  std::int32_t port = 0;

  // The 4 bytes inside an IPv4-mapped address, which is how Java shows it; else the address.
  base::Bytes canonical_address() const;
};

struct StoredMessageView {
  base::Bytes stored{};  // the whole message as it came; empty in one that was built
  std::int32_t total_bytes = 0;
  std::uint32_t magic = kMessageMagicV1;
  std::uint32_t body_crc = 0;
  std::int32_t queue_id = 0;
  std::int32_t flag = 0;
  std::int64_t queue_offset = 0;
  std::int64_t commit_log_offset = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_timestamp_ms = 0;
  MessageHost born_host{};
  std::int64_t store_timestamp_ms = 0;
  MessageHost store_host{};
  std::int32_t reconsume_times = 0;
  std::int64_t prepared_transaction_offset = 0;
  base::Bytes body{};  // as stored, perhaps compressed
  std::string_view topic{};
  std::string_view properties_text{};

  Properties properties() const { return Properties(properties_text); }
  bool is_compressed() const;  // and has a body; an empty one keeps the flag for nothing
};

// How TOTALSIZE is taken. Java uses it for nothing but the message's size; a message whose fields
// disagree with it is damaged, and `checked` says so.
enum class TotalSizeRule { checked, ignored };

// Walks over messages that follow each other.
class StoredMessageReader {
 public:
  explicit StoredMessageReader(base::Bytes messages, TotalSizeRule rule = TotalSizeRule::checked)
      : messages_(messages), rule_(rule) {}

  // False at the end and at the first message that cannot be read; status() tells which. Those read
  // before stay good.
  bool next(StoredMessageView* message);
  // BAD_BODY with the offset and the reason.
  const base::Status& status() const { return status_; }
  std::size_t offset() const { return offset_; }

 private:
  bool fail(std::string_view what);

  base::Bytes messages_;
  TotalSizeRule rule_;
  std::size_t offset_ = 0;
  base::Status status_;
};

// The commit log offset of a message that cannot be read otherwise; -1 when its bytes end before.
std::int64_t peek_commit_log_offset(base::Bytes stored);

// Of the bytes as stored; a stored body of no bytes has CRC 0.
bool has_good_crc(const StoredMessageView& message);

// The body that the sender gave. BAD_BODY when it cannot be decompressed or the type is unknown,
// TOO_LARGE above the bound. Only for is_compressed().
base::Result<std::string> decompress_body(const StoredMessageView& message,
                                          std::size_t body_bytes_max);

}  // namespace rmq::protocol
