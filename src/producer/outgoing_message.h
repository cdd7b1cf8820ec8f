// A message that is being built. One thread at a time; sending only reads it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "message/message.h"

namespace rmq::producer {

class OutgoingMessage final : public message::Message {
 public:
  static base::Result<std::unique_ptr<OutgoingMessage>> make(std::string_view topic);

  // Body, flag, and the properties of its sender; a null topic is the source's. MESSAGE_ILLEGAL for
  // a source that could not be read.
  static base::Result<std::unique_ptr<OutgoingMessage>> make_from(const message::Message& source,
                                                                  std::string_view topic);

  void set_body(base::Bytes body);
  void set_pinned_body(base::Bytes body);
  void set_flag(std::int32_t flag) { flag_ = flag; }
  // Null data() takes the text away, here and below. A blank text, and one that no subscription or
  // query could name, is refused.
  base::Status set_tags(std::string_view tags);
  base::Status set_keys(std::string_view keys);
  base::Status set_sharding_key(std::string_view key);
  base::Status set_delay_level(std::int32_t level);
  // From the broker's receipt on, and by its clock; zero takes the timer away, here and below. A
  // message has a delay level, a delay or a time, or none: another one is refused.
  base::Status set_delay_ms(std::int64_t delay_ms);
  base::Status set_deliver_at_ms(std::int64_t timestamp_ms);
  // -1 takes it away.
  base::Status set_priority(std::int64_t priority);
  base::Status set_wait_store(bool wait);
  // Refuses RocketMQ's own names.
  base::Status set_user_property(std::string_view name, std::string_view value);

  const std::string& topic() const { return topic_; }
  base::Bytes body() const { return pinned_body_.data() ? pinned_body_ : base::as_bytes(body_); }
  bool has_pinned_body() const { return pinned_body_.data() != nullptr; }
  std::int32_t flag() const { return flag_; }
  // Consumers shall get it later, by a level or a timer.
  bool is_to_be_delayed() const { return bytes_added_by_delay_ > 0; }
  // "name \x01 value \x02 ..." of all that is set. Users cannot set UNIQ_KEY: each send makes its
  // own.
  const std::string& properties_text() const { return properties_text_; }

  message::MessageFields fields() const override;
  std::size_t property_count() const override { return properties_.size(); }
  message::MessageProperty property_at(std::size_t index) const override;
  std::unique_ptr<message::Message> copy() const override { return copy_outgoing(); }
  std::unique_ptr<OutgoingMessage> copy_outgoing() const;
  bool is_outgoing() const override { return true; }

 private:
  explicit OutgoingMessage(std::string topic) : topic_(std::move(topic)) {}
  // `what` names the property in errors.
  base::Status set(std::string_view what, std::string_view name, std::string_view value);
  // `field` is the user's word for it. Zero takes it away.
  base::Status set_delay(std::string_view what, std::string_view field, std::string_view name,
                         std::int64_t number);
  base::Status check_size(std::string_view what, std::size_t bytes) const;
  void rebuild_properties_text();

  std::string topic_;
  std::string body_;
  bool has_body_ = false;
  base::Bytes pinned_body_;
  std::int32_t flag_ = 0;
  std::vector<std::pair<std::string, std::string>> properties_;
  std::string properties_text_;
  std::size_t bytes_added_by_delay_ = 0;  // what brokers put beside a delay or timer
};

}  // namespace rmq::producer
