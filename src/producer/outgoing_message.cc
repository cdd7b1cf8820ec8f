#include "producer/outgoing_message.h"

#include <algorithm>
#include <array>

#include "protocol/names.h"
#include "protocol/properties.h"
#include "protocol/reserved_properties.h"

namespace rmq::producer {
namespace {

using base::ErrorCode;
using base::make_error;

// The broker refuses longer property texts; part of the room is for what a send adds (UNIQ_KEY,
// WAIT).
constexpr std::size_t kPropertiesBytesMax = 32767;
constexpr std::size_t kPropertiesBytesReserved = 128;
constexpr std::int32_t kDelayLevelMax = 18;

base::Status check_text(std::string_view what, std::string_view text) {
  if (text.find_first_of(std::string_view("\x01\x02", 2)) != std::string_view::npos) {
    return make_error(
        ErrorCode::MESSAGE_ILLEGAL,
        std::string(what) + " contains the byte 1 or 2, which separate properties on the wire");
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<OutgoingMessage>> OutgoingMessage::make(std::string_view topic) {
  if (auto status = protocol::check_topic(topic); !status.ok()) return status.take_error();
  if (!protocol::may_send_to(topic)) {
    return make_error(
        ErrorCode::TOPIC_ILLEGAL,
        "the topic " + std::string(topic) + " is one of RocketMQ's own that take no messages");
  }
  return std::unique_ptr<OutgoingMessage>(new OutgoingMessage(std::string(topic)));
}

void OutgoingMessage::set_body(base::Bytes body) {
  body_.assign(base::as_text(body));
  has_body_ = true;
  pinned_body_ = {};
}

void OutgoingMessage::set_pinned_body(base::Bytes body) {
  body_.clear();
  has_body_ = false;
  pinned_body_ = body;
}

base::Status OutgoingMessage::set_tags(std::string_view tags) {
  if (tags.find("||") != std::string_view::npos) {
    return make_error(ErrorCode::MESSAGE_ILLEGAL,
                      "a message has one tag, and \"||\" cannot be part of it",
                      "\"||\" belongs into subscriptions");
  }
  return set(protocol::kPropertyTags, tags);
}

base::Status OutgoingMessage::set_keys(std::string_view keys) {
  return set(protocol::kPropertyKeys, keys);
}

base::Status OutgoingMessage::set_sharding_key(std::string_view key) {
  return set(protocol::kPropertyShardingKey, key);
}

base::Status OutgoingMessage::set_delay_level(std::int32_t level) {
  if (level < 0 || level > kDelayLevelMax) {
    return make_error(ErrorCode::ARGUMENT, "delay level " + std::to_string(level) +
                                               ", expected 0 (none) to " +
                                               std::to_string(kDelayLevelMax));
  }
  if (level == 0) return set(protocol::kPropertyDelay, {});
  return set(protocol::kPropertyDelay, std::to_string(level));
}

base::Status OutgoingMessage::set_wait_store(bool wait) {
  // Absent means true.
  return set(protocol::kPropertyWait, wait ? std::string_view() : "false");
}

base::Status OutgoingMessage::set_user_property(std::string_view name, std::string_view value) {
  if (name.empty()) return make_error(ErrorCode::MESSAGE_ILLEGAL, "a property needs a name");
  if (protocol::is_reserved_property(name)) {
    return make_error(ErrorCode::MESSAGE_ILLEGAL,
                      "the property name \"" + std::string(name) + "\" is RocketMQ's own",
                      "use the message's setter for it, or another name");
  }
  if (value.data() != nullptr && value.empty()) {
    return make_error(
        ErrorCode::MESSAGE_ILLEGAL,
        "the property \"" + std::string(name) + "\" has an empty value, which brokers drop",
        "leave the property out");
  }
  return set(name, value);
}

base::Status OutgoingMessage::set(std::string_view name, std::string_view value) {
  if (auto status = check_text("a property name", name); !status.ok()) return status;
  if (auto status = check_text("a property value", value); !status.ok()) return status;
  auto place = std::find_if(properties_.begin(), properties_.end(),
                            [&](const auto& p) { return p.first == name; });
  const std::size_t removed =
      place == properties_.end() ? 0 : place->first.size() + place->second.size() + 2;
  const std::size_t added = value.empty() ? 0 : name.size() + value.size() + 2;
  const std::size_t total = properties_text_.size() - removed + added;
  if (total > kPropertiesBytesMax - kPropertiesBytesReserved) {
    return make_error(ErrorCode::TOO_LARGE,
                      "properties of " + std::to_string(total) + " bytes, at most " +
                          std::to_string(kPropertiesBytesMax - kPropertiesBytesReserved) +
                          " are left beside what a send adds");
  }
  if (place != properties_.end()) properties_.erase(place);
  if (!value.empty()) properties_.emplace_back(name, value);
  rebuild_properties_text();
  return {};
}

void OutgoingMessage::rebuild_properties_text() {
  properties_text_.clear();
  for (const auto& [name, value] : properties_) {
    properties_text_.append(name).append(1, '\x01').append(value).append(1, '\x02');
  }
}

client::MessageFields OutgoingMessage::fields() const {
  client::MessageFields fields;
  fields.topic = topic_;
  if (has_body_ || has_pinned_body()) fields.body = body();
  fields.tags = property(protocol::kPropertyTags);
  fields.keys = property(protocol::kPropertyKeys);
  fields.flag = flag_;
  return fields;
}

client::MessageProperty OutgoingMessage::property_at(std::size_t index) const {
  return {properties_[index].first, properties_[index].second};
}

std::unique_ptr<client::Message> OutgoingMessage::copy() const {
  std::unique_ptr<OutgoingMessage> message(new OutgoingMessage(topic_));
  if (has_body_ || has_pinned_body()) message->set_body(body());
  message->flag_ = flag_;
  message->properties_ = properties_;
  message->properties_text_ = properties_text_;
  return message;
}

}  // namespace rmq::producer
