#include "client/received_message.h"

#include <algorithm>
#include <cstring>

#include "protocol/message_id.h"

namespace rmq::client {

void MessageBatch::add(const protocol::StoredMessageView& stored, base::Bytes body,
                       std::optional<base::Error> error, std::int64_t queue_offset) {
  ReceivedMessage& message = messages_.emplace_back();
  std::size_t count = 0;
  for ([[maybe_unused]] const protocol::Property& property : stored.properties()) ++count;
  auto* properties = static_cast<message::MessageProperty*>(
      arena_.allocate(count * sizeof(message::MessageProperty)));
  message::MessageProperty* place = properties;
  for (const protocol::Property& property : stored.properties()) {
    new (place++)
        message::MessageProperty{arena_.copy_text(property.name), arena_.copy_text(property.value)};
  }
  message.properties_ = {properties, count};

  message::MessageFields& fields = message.fields_;
  fields.topic = topic_text(stored.topic);
  fields.body = body;
  fields.tags = message.property(protocol::kPropertyTags);
  fields.keys = message.property(protocol::kPropertyKeys);
  char offset_id[protocol::kOffsetIdTextBytesMax];
  fields.offset_message_id = arena_.copy_text(protocol::write_offset_id(stored, offset_id));
  const std::string_view unique_id = message.property(protocol::kPropertyUniqKey);
  fields.message_id = unique_id.data() ? unique_id : fields.offset_message_id;
  fields.born_host = host_text(stored.born_host, &last_born_host_);
  fields.store_host = host_text(stored.store_host, &last_store_host_);
  fields.broker_name = broker_name_;
  if (!stored.properties_text.empty()) fields.properties_text = stored.properties_text;
  fields.queue_offset = queue_offset;
  fields.commit_log_offset = stored.commit_log_offset;
  fields.born_timestamp_ms = stored.born_timestamp_ms;
  fields.store_timestamp_ms = stored.store_timestamp_ms;
  fields.prepared_transaction_offset = stored.prepared_transaction_offset;
  fields.queue_id = stored.queue_id;
  fields.flag = stored.flag;
  fields.sys_flag = stored.sys_flag;
  fields.reconsume_times = stored.reconsume_times;
  fields.store_size = stored.total_bytes;
  fields.body_crc = static_cast<std::int32_t>(stored.body_crc);
  if (error) fields.error = keep_error(std::move(*error));
}

void MessageBatch::add_unreadable(base::Bytes stored, base::Error error, std::string_view topic,
                                  std::int32_t queue_id, std::int64_t queue_offset) {
  ReceivedMessage& message = messages_.emplace_back();
  message.is_unreadable_ = true;
  message.fields_.topic = topic_text(topic);
  message.fields_.body = stored;
  message.fields_.broker_name = broker_name_;
  message.fields_.queue_id = queue_id;
  message.fields_.queue_offset = queue_offset;
  message.fields_.commit_log_offset = protocol::peek_commit_log_offset(stored);
  message.fields_.error = keep_error(std::move(error));
}

void MessageBatch::set_broker_name(std::string_view broker_name) {
  if (!broker_name.empty()) broker_name_ = arena_.copy_text(broker_name);
}

void MessageBatch::hold(const std::shared_ptr<const std::string>& decompressed) {
  if (decompressed_.empty() || decompressed_.back() != decompressed)
    decompressed_.push_back(decompressed);
}

std::string_view MessageBatch::topic_text(std::string_view topic) {
  if (!last_topic_.data() || last_topic_ != topic) last_topic_ = arena_.copy_text(topic);
  return last_topic_;
}

const base::Error* MessageBatch::keep_error(base::Error error) {
  errors_.push_back(std::make_unique<base::Error>(std::move(error)));
  return errors_.back().get();
}

std::string_view MessageBatch::host_text(const protocol::MessageHost& host, KnownHost* last) {
  const base::Bytes ip = host.canonical_address();
  transport::SocketAddress address;
  address.v6 = ip.size() == sizeof address.ip;
  std::memcpy(address.ip, ip.data(), std::min(ip.size(), sizeof address.ip));
  address.port = static_cast<std::uint16_t>(host.port);
  if (!last->text.data() || !(address == last->address))
    *last = {address, arena_.copy_text(address.to_text())};
  return last->text;
}

void MessageBatch::show_original_topics(std::string_view retry_topic) {
  for (ReceivedMessage& message : messages_) {
    if (message.fields_.topic != retry_topic) continue;
    const std::string_view original = message.property(protocol::kPropertyRetryTopic);
    if (original.data()) message.fields_.topic = original;
  }
}

// As Message does, without a virtual call for each property: every delivery looks here.
std::string_view ReceivedMessage::property(std::string_view name) const {
  for (std::size_t i = properties_.size(); i-- > 0;) {
    if (properties_[i].name == name) return properties_[i].value;
  }
  return {};
}

std::unique_ptr<message::Message> ReceivedMessage::copy() const { return copy_received(); }

std::unique_ptr<ReceivedMessage> ReceivedMessage::copy_redelivered() const {
  auto message = copy_received();
  ++message->fields_.reconsume_times;
  return message;
}

std::unique_ptr<ReceivedMessage> ReceivedMessage::copy_received() const {
  const std::string_view* texts[] = {&fields_.topic,       &fields_.offset_message_id,
                                     &fields_.born_host,   &fields_.store_host,
                                     &fields_.broker_name, &fields_.properties_text};
  std::size_t bytes = properties_.size() * sizeof(message::MessageProperty) + fields_.body.size();
  for (const std::string_view* text : texts) bytes += text->size() + 1;
  for (const message::MessageProperty& property : properties_)
    bytes += property.name.size() + property.value.size() + 2;

  auto message = std::make_unique<ReceivedMessage>();
  message->own_memory_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
  auto* properties = reinterpret_cast<message::MessageProperty*>(message->own_memory_.get());
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
    new (properties + i) message::MessageProperty{name, put(properties_[i].value)};
  }
  message->properties_ = {properties, properties_.size()};

  message::MessageFields& fields = message->fields_;
  fields = fields_;
  message->is_unreadable_ = is_unreadable_;
  fields.topic = put(fields_.topic);
  // Texts that an unreadable message does not have stay absent.
  for (std::string_view* text : {&fields.offset_message_id, &fields.born_host, &fields.store_host,
                                 &fields.broker_name, &fields.properties_text})
    if (text->data()) *text = put(*text);
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
