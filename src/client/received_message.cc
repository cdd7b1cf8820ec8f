#include "client/received_message.h"

#include <algorithm>
#include <cstring>

#include "protocol/batch.h"
#include "protocol/message_id.h"
#include "protocol/sys_flag.h"
#include "transport/address.h"

namespace rmq::client {

base::Result<std::unique_ptr<MessageBatch>> MessageBatch::decode(base::SlabRef slab,
                                                                 base::Bytes stored,
                                                                 const Limits& limits) {
  // Counted first, so that messages move for inner batches only.
  std::size_t count = 0;
  protocol::StoredMessageReader counter(stored);
  for (protocol::StoredMessageView view; counter.next(&view);) ++count;
  if (!counter.status().ok()) return base::Error(counter.status().error());

  std::unique_ptr<MessageBatch> batch(new MessageBatch(std::move(slab), limits));
  batch->messages_.reserve(count);
  protocol::StoredMessageReader reader(stored);
  for (protocol::StoredMessageView view; reader.next(&view);) batch->add(view);
  return batch;
}

void MessageBatch::add(const protocol::StoredMessageView& stored) {
  const base::Error* error = nullptr;
  const base::Bytes body = read_body(stored, &error);
  if (error || !protocol::is_inner_batch(stored.sys_flag)) {
    add_one(stored, body, error);
    return;
  }
  protocol::InnerBatchReader inner(stored, body);
  const std::size_t before = messages_.size();
  for (protocol::StoredMessageView view; inner.next(&view);) {
    if (messages_.size() >= limits_.messages_max) {
      add_one(stored, body, keep_error(make_too_many_error()));
      return;
    }
    add_one(view, view.body, nullptr);
  }
  if (!inner.status().ok()) {
    add_one(stored, body, keep_error(inner.status().error()));
  } else if (messages_.size() == before) {
    add_one(
        stored, body,
        keep_error(base::make_error(base::ErrorCode::BAD_BODY, "an inner batch without messages")));
  }
}

base::Error MessageBatch::make_too_many_error() const {
  return base::make_error(base::ErrorCode::TOO_LARGE,
                          "an inner batch that takes the answer beyond " +
                              std::to_string(limits_.messages_max) + " messages");
}

base::Bytes MessageBatch::read_body(const protocol::StoredMessageView& stored,
                                    const base::Error** error) {
  if (!protocol::has_good_crc(stored)) {
    *error = keep_error(base::make_error(base::ErrorCode::BAD_BODY,
                                         "the body does not have the CRC that the broker stored"));
    return stored.body;
  }
  if (!stored.is_compressed()) return stored.body;
  const std::size_t room =
      std::min(limits_.body_bytes_max, limits_.bodies_bytes_max - decompressed_bytes_);
  auto body = protocol::decompress_body(stored, room);
  if (!body.ok()) {
    *error = keep_error(body.take_error());
    return stored.body;
  }
  decompressed_.push_back(std::make_unique<std::string>(body.take_value()));
  decompressed_bytes_ += decompressed_.back()->size();
  return base::as_bytes(*decompressed_.back());
}

void MessageBatch::add_one(const protocol::StoredMessageView& stored, base::Bytes body,
                           const base::Error* error) {
  ReceivedMessage& message = messages_.emplace_back();
  std::size_t count = 0;
  for ([[maybe_unused]] const protocol::Property& property : stored.properties()) ++count;
  auto* properties =
      static_cast<MessageProperty*>(arena_.allocate(count * sizeof(MessageProperty)));
  MessageProperty* place = properties;
  for (const protocol::Property& property : stored.properties()) {
    new (place++)
        MessageProperty{arena_.copy_text(property.name), arena_.copy_text(property.value)};
  }
  message.properties_ = {properties, count};

  MessageFields& fields = message.fields_;
  if (!last_topic_.data() || last_topic_ != stored.topic)
    last_topic_ = arena_.copy_text(stored.topic);
  fields.topic = last_topic_;
  fields.body = body;
  fields.tags = message.property(protocol::kPropertyTags);
  fields.keys = message.property(protocol::kPropertyKeys);
  fields.offset_message_id = arena_.copy_text(protocol::offset_id_of(stored));
  const std::string_view unique_id = message.property(protocol::kPropertyUniqKey);
  fields.message_id = unique_id.data() ? unique_id : fields.offset_message_id;
  fields.born_host = host_text(stored.born_host, &last_born_host_, &last_born_key_);
  fields.store_host = host_text(stored.store_host, &last_store_host_, &last_store_key_);
  fields.queue_offset = stored.queue_offset;
  fields.commit_log_offset = stored.commit_log_offset;
  fields.born_timestamp_ms = stored.born_timestamp_ms;
  fields.store_timestamp_ms = stored.store_timestamp_ms;
  fields.prepared_transaction_offset = stored.prepared_transaction_offset;
  fields.queue_id = stored.queue_id;
  fields.flag = stored.flag;
  fields.sys_flag = stored.sys_flag;
  fields.reconsume_times = stored.reconsume_times;
  fields.error = error;
}

const base::Error* MessageBatch::keep_error(base::Error error) {
  errors_.push_back(std::make_unique<base::Error>(std::move(error)));
  return errors_.back().get();
}

std::string_view MessageBatch::host_text(const protocol::MessageHost& host, std::string_view* last,
                                         std::string* last_key) {
  const base::Bytes ip = host.canonical_address();
  std::string key(base::as_text(ip));
  key.append(reinterpret_cast<const char*>(&host.port), sizeof host.port);
  if (last->data() && key == *last_key) return *last;
  transport::SocketAddress address;
  address.v6 = ip.size() == sizeof address.ip;
  std::memcpy(address.ip, ip.data(), std::min(ip.size(), sizeof address.ip));
  address.port = static_cast<std::uint16_t>(host.port);
  *last = arena_.copy_text(address.to_text());
  *last_key = std::move(key);
  return *last;
}

void MessageBatch::show_original_topics(std::string_view retry_topic) {
  for (ReceivedMessage& message : messages_) {
    if (message.fields_.topic != retry_topic) continue;
    const std::string_view original = message.property(protocol::kPropertyRetryTopic);
    if (original.data()) message.fields_.topic = original;
  }
}

void MessageBatch::shift_queue_offsets(std::int64_t delta) {
  for (ReceivedMessage& message : messages_) {
    // Both come from the network: their sum may be anything.
    const auto sum = static_cast<std::uint64_t>(message.fields_.queue_offset) +
                     static_cast<std::uint64_t>(delta);
    message.fields_.queue_offset = static_cast<std::int64_t>(sum);
  }
}

std::unique_ptr<Message> ReceivedMessage::copy() const { return copy_received(); }

std::unique_ptr<ReceivedMessage> ReceivedMessage::copy_redelivered() const {
  auto message = copy_received();
  ++message->fields_.reconsume_times;
  return message;
}

std::unique_ptr<ReceivedMessage> ReceivedMessage::copy_received() const {
  const std::string_view* texts[] = {&fields_.topic, &fields_.offset_message_id, &fields_.born_host,
                                     &fields_.store_host};
  std::size_t bytes = properties_.size() * sizeof(MessageProperty) + fields_.body.size();
  for (const std::string_view* text : texts) bytes += text->size() + 1;
  for (const MessageProperty& property : properties_)
    bytes += property.name.size() + property.value.size() + 2;

  auto message = std::make_unique<ReceivedMessage>();
  message->own_memory_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
  auto* properties = reinterpret_cast<MessageProperty*>(message->own_memory_.get());
  char* next = reinterpret_cast<char*>(properties + properties_.size());
  const auto put = [&next](std::string_view text) {
    char* place = next;
    std::memcpy(place, text.data(), text.size());
    place[text.size()] = '\0';
    next += text.size() + 1;
    return std::string_view(place, text.size());
  };
  for (std::size_t i = 0; i < properties_.size(); ++i) {
    const std::string_view name = put(properties_[i].name);
    new (properties + i) MessageProperty{name, put(properties_[i].value)};
  }
  message->properties_ = {properties, properties_.size()};

  MessageFields& fields = message->fields_;
  fields = fields_;
  fields.topic = put(fields_.topic);
  fields.offset_message_id = put(fields_.offset_message_id);
  fields.born_host = put(fields_.born_host);
  fields.store_host = put(fields_.store_host);
  fields.tags = message->property(protocol::kPropertyTags);
  fields.keys = message->property(protocol::kPropertyKeys);
  const std::string_view unique_id = message->property(protocol::kPropertyUniqKey);
  fields.message_id = unique_id.data() ? unique_id : fields.offset_message_id;
  if (!fields_.body.empty()) std::memcpy(next, fields_.body.data(), fields_.body.size());
  fields.body = {reinterpret_cast<const std::uint8_t*>(next), fields_.body.size()};
  if (fields_.error) {
    message->own_error_ = std::make_unique<base::Error>(*fields_.error);
    fields.error = message->own_error_.get();
  }
  return message;
}

}  // namespace rmq::client
