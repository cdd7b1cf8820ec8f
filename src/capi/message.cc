#include "message/message.h"

#include "capi/edge.h"
#include "capi/handles.h"
#include "capi/message_view.h"
#include "producer/outgoing_message.h"
#include "protocol/send_back.h"

using rmq::base::Bytes;
using rmq::base::ErrorCode;
using rmq::base::make_error;
using rmq::base::Status;
using rmq::capi::from_handle;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::producer::OutgoingMessage;

namespace {

// A text without a length is searched this far for its end. The message itself refuses text that is
// too large, with the limit for all properties.
constexpr size_t kTextBytesMax = 512 * 1024;

rmq::base::Result<OutgoingMessage*> to_outgoing(rmq_message_t* message) {
  if (!message) return null_argument("message");
  OutgoingMessage* outgoing = rmq::capi::outgoing_from_handle(message);
  if (!outgoing) return make_error(ErrorCode::ARGUMENT, "a received message cannot be changed");
  return outgoing;
}

// Text that may be absent, for one of a message's setters.
Status put_text(OutgoingMessage& message, std::string_view what, const char* text, size_t bytes,
                Status (OutgoingMessage::*setter)(std::string_view)) {
  auto value = rmq::capi::read_optional_text(what, text, bytes, kTextBytesMax);
  if (!value.ok()) return value.take_error();
  return (message.*setter)(value.value());
}

Status put_body(OutgoingMessage& message, const void* body, size_t bytes,
                void (OutgoingMessage::*setter)(Bytes)) {
  constexpr size_t kBodyBytesMax = 0x7fffffff;  // what the wire can say
  if (bytes == SIZE_MAX) bytes = ::strnlen(static_cast<const char*>(body), kBodyBytesMax + 1);
  if (bytes > kBodyBytesMax) {
    return make_error(ErrorCode::TOO_LARGE, "a body of " + std::to_string(bytes) + " bytes");
  }
  (message.*setter)(Bytes(static_cast<const uint8_t*>(body), bytes));
  return {};
}

int32_t set_body(rmq_message_t* message, const void* body, size_t bytes, rmq_error_t** error,
                 void (OutgoingMessage::*setter)(Bytes)) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    if (!body) return null_argument("body");
    return put_body(*outgoing.value(), body, bytes, setter);
  });
}

rmq::base::Result<int32_t> read_number(std::string_view what, int64_t number, int64_t minimum,
                                       int64_t maximum) {
  if (number >= minimum && number <= maximum) return static_cast<int32_t>(number);
  return make_error(ErrorCode::ARGUMENT, std::string(what) + " is " + std::to_string(number) +
                                             ", expected " + std::to_string(minimum) + " to " +
                                             std::to_string(maximum));
}

}  // namespace

int32_t rmq_message_new(const char* topic, size_t topic_bytes, const void* body, size_t body_bytes,
                        const char* tags, size_t tags_bytes, const char* keys, size_t keys_bytes,
                        rmq_message_t** message, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!message) return null_argument("message");
    *message = nullptr;
    auto name = rmq::capi::read_text("topic", topic, topic_bytes, kTextBytesMax);
    if (!name.ok()) return name.take_error();
    auto made = OutgoingMessage::make(name.value());
    if (!made.ok()) return made.take_error();
    OutgoingMessage& outgoing = *made.value();
    if (body) {
      if (auto status = put_body(outgoing, body, body_bytes, &OutgoingMessage::set_body);
          !status.ok())
        return status;
    }
    if (auto status = put_text(outgoing, "tags", tags, tags_bytes, &OutgoingMessage::set_tags);
        !status.ok())
      return status;
    if (auto status = put_text(outgoing, "keys", keys, keys_bytes, &OutgoingMessage::set_keys);
        !status.ok())
      return status;
    *message = rmq::capi::to_handle(made.take_value().release());
    return {};
  });
}

int32_t rmq_message_new_from(const rmq_message_t* source, const char* topic, size_t topic_bytes,
                             rmq_message_t** message, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!message) return null_argument("message");
    *message = nullptr;
    if (!source) return null_argument("source");
    auto name = rmq::capi::read_optional_text("topic", topic, topic_bytes, kTextBytesMax);
    if (!name.ok()) return name.take_error();
    auto made = OutgoingMessage::make_from(*from_handle(source), name.value());
    if (!made.ok()) return made.take_error();
    *message = rmq::capi::to_handle(made.take_value().release());
    return {};
  });
}

void rmq_message_destroy(rmq_message_t* message) { delete from_handle(message); }

rmq_message_t* rmq_message_retain(const rmq_message_t* message) {
  rmq_message_t* copy = nullptr;
  guarded(nullptr, [&]() -> Status {
    if (message) copy = rmq::capi::to_handle(from_handle(message)->copy().release());
    return {};
  });
  return copy;
}

int32_t rmq_message_set_body(rmq_message_t* message, const void* body, size_t body_bytes,
                             rmq_error_t** error) {
  return set_body(message, body, body_bytes, error, &OutgoingMessage::set_body);
}

int32_t rmq_message_set_body_pinned(rmq_message_t* message, const void* body, size_t body_bytes,
                                    rmq_error_t** error) {
  return set_body(message, body, body_bytes, error, &OutgoingMessage::set_pinned_body);
}

int32_t rmq_message_set_text(rmq_message_t* message, int32_t field, const char* text,
                             size_t text_bytes, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    OutgoingMessage& to = *outgoing.value();
    switch (field) {
      case RMQ_FIELD_TAGS:
        return put_text(to, "tags", text, text_bytes, &OutgoingMessage::set_tags);
      case RMQ_FIELD_KEYS:
        return put_text(to, "keys", text, text_bytes, &OutgoingMessage::set_keys);
      case RMQ_FIELD_SHARDING_KEY:
        return put_text(to, "sharding key", text, text_bytes, &OutgoingMessage::set_sharding_key);
      default:
        return make_error(ErrorCode::ARGUMENT, "field is " + std::to_string(field) +
                                                   ", expected RMQ_FIELD_TAGS, RMQ_FIELD_KEYS or "
                                                   "RMQ_FIELD_SHARDING_KEY");
    }
  });
}

int32_t rmq_message_set_number(rmq_message_t* message, int32_t field, int64_t number,
                               rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    OutgoingMessage& to = *outgoing.value();
    switch (field) {
      case RMQ_FIELD_FLAG: {
        auto flag = read_number("the flag", number, INT32_MIN, INT32_MAX);
        if (!flag.ok()) return flag.take_error();
        to.set_flag(flag.value());
        return {};
      }
      case RMQ_FIELD_DELAY_LEVEL: {
        auto level = read_number("the delay level", number, 0, rmq::protocol::kDelayLevelMax);
        return level.ok() ? to.set_delay_level(level.value()) : Status(level.take_error());
      }
      case RMQ_FIELD_DELAY_MS:
        return to.set_delay_ms(number);
      case RMQ_FIELD_DELIVER_AT_MS:
        return to.set_deliver_at_ms(number);
      case RMQ_FIELD_PRIORITY:
        return to.set_priority(number);
      case RMQ_FIELD_WAIT_STORE: {
        auto wait = read_number("the number", number, 0, 1);
        return wait.ok() ? to.set_wait_store(wait.value() != 0) : Status(wait.take_error());
      }
      default:
        return make_error(ErrorCode::ARGUMENT, "field is " + std::to_string(field) +
                                                   ", expected a number such as "
                                                   "RMQ_FIELD_DELAY_LEVEL or RMQ_FIELD_PRIORITY");
    }
  });
}

int32_t rmq_message_set_property(rmq_message_t* message, const char* name, size_t name_bytes,
                                 const char* value, size_t value_bytes, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    auto key = rmq::capi::read_text("name", name, name_bytes, kTextBytesMax);
    if (!key.ok()) return key.take_error();
    auto text = rmq::capi::read_optional_text("value", value, value_bytes, kTextBytesMax);
    if (!text.ok()) return text.take_error();
    return outgoing.value()->set_user_property(key.value(), text.value());
  });
}

int32_t rmq_message_view(const rmq_message_t* message, rmq_message_view_t* view, size_t view_size) {
  if (!message) return RMQ_ERROR_ARGUMENT;
  rmq_message_view_t full;
  rmq::capi::show_message(*from_handle(message), &full);
  return rmq::capi::put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

const char* rmq_message_property(const rmq_message_t* message, const char* name, size_t name_bytes,
                                 size_t* value_bytes) {
  if (value_bytes) *value_bytes = 0;
  if (!message || !name) return nullptr;
  if (name_bytes == SIZE_MAX) name_bytes = ::strnlen(name, kTextBytesMax);
  const std::string_view value = from_handle(message)->property({name, name_bytes});
  if (value_bytes) *value_bytes = value.size();
  return value.data();
}

size_t rmq_message_properties(const rmq_message_t* message, size_t first,
                              rmq_property_view_t* views, size_t view_size, size_t count_max) {
  if (!message || !views) return 0;
  const rmq::message::Message& shown = *from_handle(message);
  const size_t count = shown.property_count();
  auto* place = reinterpret_cast<unsigned char*>(views);
  size_t filled = 0;
  for (; filled < count_max && first < count - filled; ++filled, place += view_size) {
    const rmq::message::MessageProperty property = shown.property_at(first + filled);
    const rmq_property_view_t view{property.name.data(), property.name.size(),
                                   property.value.data(), property.value.size()};
    if (!rmq::capi::put_view(view, place, view_size)) break;
  }
  return filled;
}
