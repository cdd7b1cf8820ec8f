#include "producer/outgoing_message.h"

#include <algorithm>
#include <array>

#include "base/blank.h"
#include "base/quote.h"
#include "protocol/names.h"
#include "protocol/properties.h"
#include "protocol/reserved_properties.h"
#include "protocol/send_back.h"

namespace rmq::producer {
namespace {

using base::ErrorCode;
using base::make_error;

// Brokers refuse a longer text of all properties. A send adds UNIQ_KEY and WAIT, a broker CLUSTER,
// MSG_REGION and TRACE_ON, and for a delayed message its topic and queue.
constexpr std::size_t kPropertiesBytesMax = 32767;
constexpr std::size_t kBytesAddedByAll = 128;
constexpr std::size_t kBytesAddedByDelay = 32;
// The wheel of timers adds more of its own: when the message came, was taken and goes out.
constexpr std::size_t kBytesAddedByTimer = 192;

// The broker's own bound is configured there (timerMaxDelaySec, 3 days as it ships).
constexpr std::int64_t kDelayMsMax = std::int64_t{10} * 366 * 24 * 3600 * 1000;
constexpr std::int64_t kTimestampMsMax = 253'402'300'799'999;  // the end of the year 9999

// The ways to have a message delayed, of which it has one at most.
struct DelayKind {
  std::string_view name;
  std::string_view what;
  std::string_view field;
};
constexpr DelayKind kDelayKinds[] = {
    {protocol::kPropertyDelay, "a delay level", "RMQ_FIELD_DELAY_LEVEL"},
    {protocol::kPropertyTimerDelaySec, "a delay", "RMQ_FIELD_DELAY_MS"},
    {protocol::kPropertyTimerDelayMs, "a delay", "RMQ_FIELD_DELAY_MS"},
    {protocol::kPropertyTimerDeliverMs, "a time of delivery", "RMQ_FIELD_DELIVER_AT_MS"},
};

base::Error refuse(std::string_view what, std::string_view why, std::string hint = {}) {
  return make_error(ErrorCode::MESSAGE_ILLEGAL, std::string(what) + " " + std::string(why),
                    std::move(hint));
}

base::Status check_separators(std::string_view what, std::string_view text) {
  if (text.find_first_of(std::string_view("\x01\x02", 2)) == std::string_view::npos) return {};
  return refuse(what, "contains the byte 1 or 2, which separate properties on the wire");
}

// A text that is there must say something: nobody could find or select a message by a blank.
base::Status check_not_blank(std::string_view what, std::string_view text) {
  if (text.data() == nullptr || !base::trim_blanks(text).empty()) return {};
  return refuse(what, text.empty() ? "is empty" : "is blank", "give null for none");
}

// What a message keeps when it is sent on: RocketMQ's own properties belong to one sending.
bool is_of_the_sender(std::string_view name) {
  return name == protocol::kPropertyTags || name == protocol::kPropertyKeys ||
         name == protocol::kPropertyShardingKey || name == protocol::kPropertyPriority ||
         !protocol::is_reserved_property(name);
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

base::Result<std::unique_ptr<OutgoingMessage>> OutgoingMessage::make_from(
    const message::Message& source, std::string_view topic) {
  const message::MessageFields fields = source.fields();
  if (fields.error != nullptr) {
    return make_error(ErrorCode::MESSAGE_ILLEGAL,
                      "the message could not be read: " + fields.error->message);
  }
  auto made = make(topic.data() != nullptr ? topic : fields.topic);
  if (!made.ok()) return made;
  OutgoingMessage& message = *made.value();
  if (fields.body.data() != nullptr) message.set_body(fields.body);
  message.flag_ = fields.flag;
  for (std::size_t i = 0; i < source.property_count(); ++i) {
    const message::MessageProperty property = source.property_at(i);
    if (!is_of_the_sender(property.name) || property.value.empty()) continue;
    const std::string what = "the property " + base::quote(property.name);
    if (auto status = message.set(what, property.name, property.value); !status.ok())
      return status.take_error();
  }
  return made;
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
  if (auto status = check_not_blank("the tag", tags); !status.ok()) return status;
  if (tags.find('|') != std::string_view::npos) {
    return refuse("the tag", base::quote(tags) + " contains |, and a message has one tag",
                  "|| belongs into subscriptions");
  }
  if (base::trim_blanks(tags).size() != tags.size()) {
    return refuse("the tag", base::quote(tags) +
                                 " begins or ends with a blank, which subscriptions "
                                 "take off, so that none could select it");
  }
  return set("the tag", protocol::kPropertyTags, tags);
}

base::Status OutgoingMessage::set_keys(std::string_view keys) {
  if (auto status = check_not_blank("the text of keys", keys); !status.ok()) return status;
  return set("the text of keys", protocol::kPropertyKeys, keys);
}

base::Status OutgoingMessage::set_sharding_key(std::string_view key) {
  if (auto status = check_not_blank("the sharding key", key); !status.ok()) return status;
  return set("the sharding key", protocol::kPropertyShardingKey, key);
}

base::Status OutgoingMessage::set_delay_level(std::int32_t level) {
  if (level < 0 || level > protocol::kDelayLevelMax) {
    return make_error(ErrorCode::ARGUMENT, "delay level " + std::to_string(level) +
                                               ", expected 0 (none) to " +
                                               std::to_string(protocol::kDelayLevelMax));
  }
  return set_delay("a delay level", "RMQ_FIELD_DELAY_LEVEL", protocol::kPropertyDelay, level);
}

base::Status OutgoingMessage::set_delay_ms(std::int64_t delay_ms) {
  if (delay_ms < 0 || delay_ms > kDelayMsMax) {
    return make_error(ErrorCode::ARGUMENT, "delay of " + std::to_string(delay_ms) +
                                               " ms, expected 0 (none) to " +
                                               std::to_string(kDelayMsMax) + ", ten years");
  }
  // Whole seconds go as such, as those of the official client do.
  const bool is_seconds = delay_ms % 1000 == 0;
  const auto [name, other] =
      is_seconds ? std::pair(protocol::kPropertyTimerDelaySec, protocol::kPropertyTimerDelayMs)
                 : std::pair(protocol::kPropertyTimerDelayMs, protocol::kPropertyTimerDelaySec);
  constexpr std::string_view kField = "RMQ_FIELD_DELAY_MS";
  if (delay_ms == 0) {
    if (auto status = set_delay("a delay", kField, other, 0); !status.ok()) return status;
  }
  if (auto status = set_delay("a delay", kField, name, is_seconds ? delay_ms / 1000 : delay_ms);
      !status.ok()) {
    return status;
  }
  return set("the delay", other, {});
}

base::Status OutgoingMessage::set_deliver_at_ms(std::int64_t timestamp_ms) {
  if (timestamp_ms < 0 || timestamp_ms > kTimestampMsMax) {
    return make_error(ErrorCode::ARGUMENT,
                      "time of delivery " + std::to_string(timestamp_ms) +
                          ", expected 0 (none) or milliseconds since 1970 UTC up to " +
                          std::to_string(kTimestampMsMax) + ", the end of the year 9999");
  }
  return set_delay("a time of delivery", "RMQ_FIELD_DELIVER_AT_MS",
                   protocol::kPropertyTimerDeliverMs, timestamp_ms);
}

base::Status OutgoingMessage::set_delay(std::string_view what, std::string_view field,
                                        std::string_view name, std::int64_t number) {
  if (number == 0) {
    if (property(name).data() == nullptr) return {};
    bytes_added_by_delay_ = 0;
    return set(what, name, {});
  }
  for (const DelayKind& kind : kDelayKinds) {
    if (kind.field == field || property(kind.name).data() == nullptr) continue;
    return refuse(
        "the message",
        "has " + std::string(kind.what) + ", and cannot have " + std::string(what) + " too",
        "set " + std::string(kind.field) + " to 0 first");
  }
  const bool is_timer = name != protocol::kPropertyDelay;
  const std::size_t former = std::exchange(
      bytes_added_by_delay_, topic_.size() + (is_timer ? kBytesAddedByTimer : kBytesAddedByDelay));
  base::Status status = set(what, name, std::to_string(number));
  if (!status.ok()) bytes_added_by_delay_ = former;
  return status;
}

base::Status OutgoingMessage::set_priority(std::int64_t priority) {
  if (priority < -1 || priority > INT32_MAX) {
    return make_error(ErrorCode::ARGUMENT, "priority " + std::to_string(priority) +
                                               ", expected -1 (none) or 0 to " +
                                               std::to_string(INT32_MAX));
  }
  return set("the priority", protocol::kPropertyPriority,
             priority < 0 ? std::string() : std::to_string(priority));
}

base::Status OutgoingMessage::set_wait_store(bool wait) {
  // Absent means true.
  return set("the mark", protocol::kPropertyWait, wait ? std::string_view() : "false");
}

base::Status OutgoingMessage::set_user_property(std::string_view name, std::string_view value) {
  const std::string property = "the property " + base::quote(name);
  if (base::trim_blanks(name).empty()) {
    return refuse(property, name.empty() ? "needs a name" : "has a blank name");
  }
  if (protocol::is_reserved_property(name)) {
    return refuse(property, "is RocketMQ's own",
                  "use the message's setter for it, or another name");
  }
  if (value.data() != nullptr && value.empty()) {
    return refuse(property, "has an empty value, which brokers drop", "leave the property out");
  }
  if (auto status = check_separators("the name of " + property, name); !status.ok()) return status;
  return set(property, name, value);
}

base::Status OutgoingMessage::set(std::string_view what, std::string_view name,
                                  std::string_view value) {
  if (auto status = check_separators(what, value); !status.ok()) return status;
  auto place = std::find_if(properties_.begin(), properties_.end(),
                            [&](const auto& p) { return p.first == name; });
  if (value.empty() && place == properties_.end()) return {};  // nothing to take away
  const std::size_t removed =
      place == properties_.end() ? 0 : place->first.size() + place->second.size() + 2;
  const std::size_t added = value.empty() ? 0 : name.size() + value.size() + 2;
  if (auto status = check_size(what, properties_text_.size() - removed + added); !status.ok()) {
    return status;
  }
  if (place != properties_.end()) properties_.erase(place);
  if (properties_.empty()) properties_.reserve(4);  // most messages have no more
  if (!value.empty()) properties_.emplace_back(name, value);
  rebuild_properties_text();
  return {};
}

base::Status OutgoingMessage::check_size(std::string_view what, std::size_t bytes) const {
  const std::size_t reserved = kBytesAddedByAll + bytes_added_by_delay_;
  const std::size_t limit = kPropertiesBytesMax - reserved;
  if (bytes <= limit) return {};
  return make_error(ErrorCode::TOO_LARGE,
                    "with " + std::string(what) + " all properties have " + std::to_string(bytes) +
                        " bytes, at most " + std::to_string(limit) + " of the broker's " +
                        std::to_string(kPropertiesBytesMax) + " are left beside what it adds",
                    "put large data into the body");
}

void OutgoingMessage::rebuild_properties_text() {
  properties_text_.clear();
  for (const auto& [name, value] : properties_) {
    properties_text_.append(name).append(1, '\x01').append(value).append(1, '\x02');
  }
}

message::MessageFields OutgoingMessage::fields() const {
  message::MessageFields fields;
  fields.topic = topic_;
  if (has_body_ || has_pinned_body()) fields.body = body();
  fields.tags = property(protocol::kPropertyTags);
  fields.keys = property(protocol::kPropertyKeys);
  if (!properties_text_.empty()) fields.properties_text = properties_text_;
  fields.flag = flag_;
  return fields;
}

message::MessageProperty OutgoingMessage::property_at(std::size_t index) const {
  return {properties_[index].first, properties_[index].second};
}

std::unique_ptr<OutgoingMessage> OutgoingMessage::copy_outgoing() const {
  std::unique_ptr<OutgoingMessage> message(new OutgoingMessage(topic_));
  if (has_body_ || has_pinned_body()) message->set_body(body());
  message->flag_ = flag_;
  message->properties_ = properties_;
  message->properties_text_ = properties_text_;
  message->bytes_added_by_delay_ = bytes_added_by_delay_;
  return message;
}

}  // namespace rmq::producer
