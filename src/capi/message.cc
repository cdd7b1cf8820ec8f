#include "client/message.h"

#include "capi/edge.h"
#include "capi/handles.h"
#include "capi/message_view.h"
#include "producer/outgoing_message.h"

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
  OutgoingMessage* outgoing = from_handle(message)->outgoing();
  if (!outgoing) return make_error(ErrorCode::ARGUMENT, "a received message cannot be changed");
  return outgoing;
}

// The setters of one text that may be absent.
int32_t set_text(rmq_message_t* message, std::string_view what, const char* text, size_t bytes,
                 rmq_error_t** error, Status (OutgoingMessage::*setter)(std::string_view)) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    auto value = rmq::capi::read_optional_text(what, text, bytes, kTextBytesMax);
    if (!value.ok()) return value.take_error();
    return (outgoing.value()->*setter)(value.value());
  });
}

int32_t set_body(rmq_message_t* message, const void* body, size_t bytes, rmq_error_t** error,
                 void (OutgoingMessage::*setter)(Bytes)) {
  constexpr size_t kBodyBytesMax = 0x7fffffff;  // what the wire can say
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    if (!body) return null_argument("body");
    if (bytes == SIZE_MAX) bytes = ::strnlen(static_cast<const char*>(body), kBodyBytesMax + 1);
    if (bytes > kBodyBytesMax) {
      return make_error(ErrorCode::TOO_LARGE, "a body of " + std::to_string(bytes) + " bytes");
    }
    (outgoing.value()->*setter)(Bytes(static_cast<const uint8_t*>(body), bytes));
    return {};
  });
}

}  // namespace

int32_t rmq_message_new(const char* topic, size_t topic_bytes, rmq_message_t** message,
                        rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!message) return null_argument("message");
    *message = nullptr;
    auto name = rmq::capi::read_text("topic", topic, topic_bytes, kTextBytesMax);
    if (!name.ok()) return name.take_error();
    auto made = OutgoingMessage::make(name.value());
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

int32_t rmq_message_set_tags(rmq_message_t* message, const char* tags, size_t tags_bytes,
                             rmq_error_t** error) {
  return set_text(message, "tags", tags, tags_bytes, error, &OutgoingMessage::set_tags);
}

int32_t rmq_message_set_keys(rmq_message_t* message, const char* keys, size_t keys_bytes,
                             rmq_error_t** error) {
  return set_text(message, "keys", keys, keys_bytes, error, &OutgoingMessage::set_keys);
}

int32_t rmq_message_set_sharding_key(rmq_message_t* message, const char* key, size_t key_bytes,
                                     rmq_error_t** error) {
  return set_text(message, "key", key, key_bytes, error, &OutgoingMessage::set_sharding_key);
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

int32_t rmq_message_set_flag(rmq_message_t* message, int32_t flag, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    outgoing.value()->set_flag(flag);
    return {};
  });
}

int32_t rmq_message_set_delay_level(rmq_message_t* message, int32_t delay_level,
                                    rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    return outgoing.value()->set_delay_level(delay_level);
  });
}

int32_t rmq_message_set_wait_store(rmq_message_t* message, int32_t wait, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto outgoing = to_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    if (wait != 0 && wait != 1) {
      return make_error(ErrorCode::ARGUMENT,
                        "wait is " + std::to_string(wait) + ", expected 0 or 1");
    }
    return outgoing.value()->set_wait_store(wait != 0);
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

int32_t rmq_message_property_at(const rmq_message_t* message, size_t index, const char** name,
                                size_t* name_bytes, const char** value, size_t* value_bytes) {
  if (name) *name = nullptr;
  if (name_bytes) *name_bytes = 0;
  if (value) *value = nullptr;
  if (value_bytes) *value_bytes = 0;
  if (!message || index >= from_handle(message)->property_count()) return RMQ_ERROR_ARGUMENT;
  const rmq::client::MessageProperty property = from_handle(message)->property_at(index);
  if (name) *name = property.name.data();
  if (name_bytes) *name_bytes = property.name.size();
  if (value) *value = property.value.data();
  if (value_bytes) *value_bytes = property.value.size();
  return RMQ_OK;
}
