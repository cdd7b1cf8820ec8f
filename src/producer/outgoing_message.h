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
  base::Status set_wait_store(bool wait);
  // Refuses RocketMQ's own names.
  base::Status set_user_property(std::string_view name, std::string_view value);

  const std::string& topic() const { return topic_; }
  base::Bytes body() const { return pinned_body_.data() ? pinned_body_ : base::as_bytes(body_); }
  bool has_pinned_body() const { return pinned_body_.data() != nullptr; }
  std::int32_t flag() const { return flag_; }
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
  base::Status check_size(std::string_view what, std::size_t bytes, bool is_to_be_delayed) const;
  void rebuild_properties_text();

  std::string topic_;
  std::string body_;
  bool has_body_ = false;
  base::Bytes pinned_body_;
  std::int32_t flag_ = 0;
  std::vector<std::pair<std::string, std::string>> properties_;
  std::string properties_text_;
};

}  // namespace rmq::producer
