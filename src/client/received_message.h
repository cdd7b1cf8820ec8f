// Messages as brokers store them, made ready to be shown: everything that can fail (decoding,
// decompression) is done when a batch is made, so that views are filled from memory that never
// changes, by any number of threads at once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/slab.h"
#include "client/message.h"
#include "protocol/stored_message.h"

namespace rmq::client {

// Shows memory of the MessageBatch it is in, or its own after copy().
class ReceivedMessage final : public Message {
 public:
  ReceivedMessage() = default;
  // Only while a batch is being made: afterwards views hold its address.
  ReceivedMessage(ReceivedMessage&& other) noexcept
      : fields_(other.fields_),
        properties_(other.properties_),
        own_memory_(std::move(other.own_memory_)),
        own_error_(std::move(other.own_error_)) {}

  MessageFields fields() const override { return fields_; }
  std::size_t property_count() const override { return properties_.size(); }
  MessageProperty property_at(std::size_t index) const override { return properties_[index]; }
  std::unique_ptr<Message> copy() const override;
  // A copy that tells of one more delivery.
  std::unique_ptr<ReceivedMessage> copy_redelivered() const;

 private:
  friend class MessageBatch;

  std::unique_ptr<ReceivedMessage> copy_received() const;

  MessageFields fields_;
  std::span<const MessageProperty> properties_;
  std::unique_ptr<std::byte[]> own_memory_;
  std::unique_ptr<base::Error> own_error_;
};

class MessageBatch {
 public:
  struct Limits {
    std::size_t body_bytes_max = 32 * 1024 * 1024;     // of one decompressed body
    std::size_t bodies_bytes_max = 256 * 1024 * 1024;  // of all decompressed bodies
    // Beyond this many in all, an inner batch stays one message: a few compressed bytes may hold
    // millions of empty ones.
    std::size_t messages_max = 256 * 1024;
  };

  // `stored` holds messages one after another and lies in `slab`. BAD_BODY when some bytes are no
  // message. A message whose body cannot be read stays in the batch, with its error.
  static base::Result<std::unique_ptr<MessageBatch>> decode(base::SlabRef slab, base::Bytes stored,
                                                            const Limits& limits);

  // Before anybody is shown a message: those of this retry topic show the topic that they were sent
  // to, and the offsets of static topics become those of the logical queue.
  void show_original_topics(std::string_view retry_topic);
  void shift_queue_offsets(std::int64_t delta);

  std::size_t size() const { return messages_.size(); }
  std::size_t decompressed_bytes() const { return decompressed_bytes_; }
  const ReceivedMessage& operator[](std::size_t index) const { return messages_[index]; }

 private:
  MessageBatch(base::SlabRef slab, const Limits& limits)
      : slab_(std::move(slab)), limits_(limits), arena_(4096) {}

  void add(const protocol::StoredMessageView& stored);
  base::Error make_too_many_error() const;
  // The body to show, or the error of the message in *error.
  base::Bytes read_body(const protocol::StoredMessageView& stored, const base::Error** error);
  void add_one(const protocol::StoredMessageView& stored, base::Bytes body,
               const base::Error* error);
  const base::Error* keep_error(base::Error error);
  std::string_view host_text(const protocol::MessageHost& host, std::string_view* last,
                             std::string* last_key);

  const base::SlabRef slab_;
  const Limits limits_;
  base::Arena arena_;
  std::vector<std::unique_ptr<std::string>> decompressed_;
  std::size_t decompressed_bytes_ = 0;
  std::vector<std::unique_ptr<base::Error>> errors_;
  std::vector<ReceivedMessage> messages_;

  // Neighbours mostly share these.
  std::string_view last_topic_;
  std::string_view last_born_host_;
  std::string last_born_key_;
  std::string_view last_store_host_;
  std::string last_store_key_;
};

}  // namespace rmq::client
