// The body of SEND_BATCH_MESSAGE (protocol.md 6.5), and the inner batch that 5.x stores of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/stored_message.h"

namespace rmq::protocol {

struct BatchMessage {
  std::int32_t flag = 0;
  base::Bytes body{};
  std::string_view properties_text{};
};

// Beside body and properties.
inline constexpr std::size_t kBatchMessageFixedBytes = 22;

// TOO_LARGE when body or properties do not fit their length fields; *out is untouched then.
base::Status append_batch_message(const BatchMessage& message, std::string* out);

class BatchReader {
 public:
  explicit BatchReader(base::Bytes batch) : batch_(batch) {}
  // False at the end and at a message that cannot be read; status() tells which.
  bool next(BatchMessage* message);
  const base::Status& status() const { return status_; }

 private:
  base::Bytes batch_;
  std::size_t offset_ = 0;
  base::Status status_;
};

// The messages inside one that is_inner_batch(). Flag, body and properties are their own, and the
// queue offset counts up. Everything else is that of the outer message.
class InnerBatchReader {
 public:
  // `body` is the outer message's body, decompressed. Both must outlive the messages.
  InnerBatchReader(const StoredMessageView& outer, base::Bytes body)
      : outer_(outer), batch_(body) {}
  bool next(StoredMessageView* message);
  const base::Status& status() const { return batch_.status(); }

 private:
  StoredMessageView outer_;
  BatchReader batch_;
  std::int64_t index_ = 0;
};

}  // namespace rmq::protocol
