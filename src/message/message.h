// What a message handle stands for: a message being built (producer::OutgoingMessage) or one that
// was received (client::ReceivedMessage). Both show themselves through the same view.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace rmq::message {

// Texts with a null data() are absent. All texts are zero-terminated; bodies and the text of all
// properties are not.
struct MessageFields {
  std::string_view topic;
  base::Bytes body;
  std::string_view tags;
  std::string_view keys;
  std::string_view message_id;
  std::string_view offset_message_id;
  std::string_view born_host;
  std::string_view store_host;
  std::string_view broker_name;      // that it was pulled from
  std::string_view properties_text;  // all of them, as protocol::Properties reads them
  std::int64_t queue_offset = -1;
  std::int64_t commit_log_offset = -1;
  std::int64_t born_timestamp_ms = 0;
  std::int64_t store_timestamp_ms = 0;
  std::int64_t prepared_transaction_offset = 0;
  std::int32_t queue_id = -1;
  std::int32_t flag = 0;
  std::int32_t sys_flag = 0;
  std::int32_t reconsume_times = 0;
  std::int32_t store_size = 0;
  std::int32_t body_crc = 0;
  const base::Error* error = nullptr;  // why the body could not be read
};

struct MessageProperty {
  std::string_view name;
  std::string_view value;
};

class Message {
 public:
  Message() = default;
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  virtual ~Message() = default;

  virtual MessageFields fields() const = 0;
  virtual std::size_t property_count() const = 0;
  virtual MessageProperty property_at(std::size_t index) const = 0;
  // A null data() when absent; the last of equal names.
  virtual std::string_view property(std::string_view name) const;

  // An independent message that shows the same and holds no memory but its own. Throws
  // std::bad_alloc.
  virtual std::unique_ptr<Message> copy() const = 0;

  // It can be changed and sent: a producer::OutgoingMessage. Received ones cannot.
  virtual bool is_outgoing() const { return false; }
};

}  // namespace rmq::message
