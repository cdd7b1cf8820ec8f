// Messages as brokers store them, made ready to be shown. Decoding and decompression, which can
// fail, are done when a batch is made. So views are filled from memory that never changes, by any
// number of threads at once.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/slab.h"
#include "message/message.h"
#include "protocol/stored_message.h"
#include "transport/address.h"

namespace rmq::client {

// Shows memory of the MessageBatch it is in, or its own after copy().
class ReceivedMessage final : public message::Message {
 public:
  ReceivedMessage() = default;
  // Only while a batch is being made: afterwards views hold its address.
  ReceivedMessage(ReceivedMessage&& other) noexcept
      : fields_(other.fields_),
        is_unreadable_(other.is_unreadable_),
        properties_(other.properties_),
        own_memory_(std::move(other.own_memory_)),
        own_error_(std::move(other.own_error_)) {}

  message::MessageFields fields() const override { return fields_; }
  std::size_t property_count() const override { return properties_.size(); }
  message::MessageProperty property_at(std::size_t index) const override {
    return properties_[index];
  }
  std::string_view property(std::string_view name) const override;
  // Nothing of it could be read, not even its tags: it is nobody's to filter out.
  bool is_unreadable() const { return is_unreadable_; }
  std::unique_ptr<message::Message> copy() const override;
  // A copy that tells of one more delivery.
  std::unique_ptr<ReceivedMessage> copy_redelivered() const;

 private:
  friend class MessageBatch;

  std::unique_ptr<ReceivedMessage> copy_received() const;

  message::MessageFields fields_;
  bool is_unreadable_ = false;
  std::span<const message::MessageProperty> properties_;
  std::unique_ptr<std::byte[]> own_memory_;
  std::unique_ptr<base::Error> own_error_;
};

// Messages that were decoded together, over the slab that they came in. BatchDecoder makes them.
class MessageBatch {
 public:
  explicit MessageBatch(base::SlabRef slab) : slab_(std::move(slab)), arena_(4096) {}

  std::size_t size() const { return messages_.size(); }
  std::size_t stored_bytes() const { return stored_bytes_; }
  std::size_t decompressed_bytes() const { return decompressed_bytes_; }
  const ReceivedMessage& operator[](std::size_t index) const { return messages_[index]; }

 private:
  friend class BatchDecoder;

  // `body` is what is shown, and lies in the slab or in what is held.
  void add(const protocol::StoredMessageView& stored, base::Bytes body,
           std::optional<base::Error> error, std::int64_t queue_offset);
  // A message of which nothing is known but its bytes and its place.
  void add_unreadable(base::Bytes stored, base::Error error, std::string_view topic,
                      std::int32_t queue_id, std::int64_t queue_offset);
  void hold(const std::shared_ptr<const std::string>& decompressed);
  void set_broker_name(std::string_view broker_name);
  // Messages of this retry topic show the topic that they were sent to.
  void show_original_topics(std::string_view retry_topic);
  const base::Error* keep_error(base::Error error);
  std::string_view topic_text(std::string_view topic);
  struct KnownHost {
    transport::SocketAddress address;
    std::string_view text;  // of the arena; none yet: a null data()
  };
  std::string_view host_text(const protocol::MessageHost& host, KnownHost* last);

  const base::SlabRef slab_;
  base::Arena arena_;
  std::vector<std::shared_ptr<const std::string>> decompressed_;
  std::size_t stored_bytes_ = 0;
  std::size_t decompressed_bytes_ = 0;
  std::vector<std::unique_ptr<base::Error>> errors_;
  std::vector<ReceivedMessage> messages_;

  std::string_view broker_name_;

  // Neighbours mostly share these.
  std::string_view last_topic_;
  KnownHost last_born_host_;
  KnownHost last_store_host_;
};

}  // namespace rmq::client
