#include "producer/producer.h"

#include "capi/cold_call.h"
#include "capi/edge.h"
#include "capi/handles.h"

using rmq::base::Bytes;
using rmq::base::Duration;
using rmq::base::ErrorCode;
using rmq::base::make_error;
using rmq::base::Status;
using rmq::capi::from_handle;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::event::Tag;
using rmq::producer::Destination;
using rmq::producer::OutgoingMessage;
using rmq::producer::Producer;
using rmq::producer::ProducerOptions;
using rmq::producer::SendCall;
using rmq::producer::SendMode;

namespace {

constexpr size_t kCallTextBytesMax = 4096;

struct DestroyEvent {
  void operator()(rmq_event_t* event) const { rmq_event_destroy(event); }
};
using OwnedEvent = std::unique_ptr<rmq_event_t, DestroyEvent>;

// Null stands for any queue. Refers to the handle, so that a send copies it once.
class Place {
 public:
  explicit Place(const rmq_destination_t* destination) : destination_(destination) {}
  operator const std::shared_ptr<const Destination>&() const {  // NOLINT: conversion intended
    return destination_ ? destination_->destination : any_;
  }

 private:
  const rmq_destination_t* destination_;
  const std::shared_ptr<const Destination> any_;
};

rmq::base::Result<const OutgoingMessage*> read_outgoing(const rmq_message_t* message) {
  if (!message) return null_argument("message");
  const OutgoingMessage* outgoing = rmq::capi::outgoing_from_handle(message);
  if (outgoing) return outgoing;
  return make_error(ErrorCode::ARGUMENT, "the message was received, and cannot be sent as it is",
                    "build a new one with rmq_message_new_from");
}

enum class Waits { no, yes };

rmq::base::Result<SendMode> read_mode(int32_t flags, Waits waits) {
  const int32_t known = RMQ_FLAG_ONEWAY | RMQ_FLAG_SILENT | RMQ_FLAG_NO_WAIT |
                        RMQ_FLAG_TRANSACTION | RMQ_FLAG_ORDERED;
  if ((flags & ~known) != 0) {
    return make_error(ErrorCode::ARGUMENT, "flags is " + std::to_string(flags) +
                                               ", expected a sum of RMQ_FLAG_ONEWAY, "
                                               "RMQ_FLAG_SILENT, RMQ_FLAG_NO_WAIT, "
                                               "RMQ_FLAG_TRANSACTION and RMQ_FLAG_ORDERED");
  }
  const bool is_oneway = (flags & RMQ_FLAG_ONEWAY) != 0;
  const bool is_silent = (flags & RMQ_FLAG_SILENT) != 0;
  if (is_silent && (!is_oneway || waits == Waits::yes)) {
    return make_error(ErrorCode::ARGUMENT,
                      "RMQ_FLAG_SILENT goes with RMQ_FLAG_ONEWAY, in asynchronous sends only");
  }
  if (is_oneway && (flags & RMQ_FLAG_TRANSACTION) != 0) {
    return make_error(ErrorCode::ARGUMENT,
                      "RMQ_FLAG_TRANSACTION does not go with RMQ_FLAG_ONEWAY: a transaction needs "
                      "the broker's answer");
  }
  if (is_oneway && (flags & RMQ_FLAG_ORDERED) != 0) {
    return make_error(ErrorCode::ARGUMENT,
                      "RMQ_FLAG_ORDERED does not go with RMQ_FLAG_ONEWAY: without an answer nobody "
                      "knows when the next message may follow");
  }
  if ((flags & RMQ_FLAG_TRANSACTION) != 0 && (flags & RMQ_FLAG_ORDERED) != 0) {
    return make_error(ErrorCode::ARGUMENT,
                      "RMQ_FLAG_ORDERED does not go with RMQ_FLAG_TRANSACTION: the order of "
                      "transactions is that of their commits");
  }
  if (waits == Waits::yes) return is_oneway ? SendMode::oneway_waiting : SendMode::waiting;
  if (is_silent) return SendMode::silent_oneway;
  return is_oneway ? SendMode::oneway_event : SendMode::event;
}

rmq::base::Result<SendCall> read_call(const rmq_producer_t* producer, int32_t flags,
                                      int64_t timeout_ms, Waits waits, void* user_data,
                                      const rmq_destination_t* destination) {
  if (!producer) return null_argument("producer");
  auto mode = read_mode(flags, waits);
  if (!mode.ok()) return mode.take_error();
  const bool is_ordered = (flags & RMQ_FLAG_ORDERED) != 0;
  if (is_ordered && !destination) {
    return make_error(ErrorCode::ARGUMENT, "RMQ_FLAG_ORDERED without a destination",
                      "name a queue, or choose one by the sharding key or by a function");
  }
  auto timeout = rmq::capi::read_timeout(timeout_ms);
  if (!timeout.ok()) return timeout.take_error();
  SendCall call;
  call.timeout = timeout.value();
  call.mode = mode.value();
  call.may_wait = (flags & RMQ_FLAG_NO_WAIT) == 0;
  call.is_half = (flags & RMQ_FLAG_TRANSACTION) != 0;
  call.is_ordered = is_ordered;
  call.tag.user_data = user_data;
  return call;
}

// The parts of packed messages, in the order in which they lie in the buffer.
struct PackedPart {
  int32_t flag;
  const char* name;
  Status (OutgoingMessage::*set)(std::string_view);  // null: the body
};
constexpr PackedPart kPackedParts[] = {
    {RMQ_PART_BODY, "body", nullptr},
    {RMQ_PART_TAGS, "tags", &OutgoingMessage::set_tags},
    {RMQ_PART_KEYS, "keys", &OutgoingMessage::set_keys},
    {RMQ_PART_SHARDING_KEY, "sharding key", &OutgoingMessage::set_sharding_key},
};

// Walks over packed messages: each has the parts that were asked for.
class Unpacking {
 public:
  Unpacking(const OutgoingMessage& pattern, int32_t parts, const void* buffer,
            const uint32_t* offsets)
      : pattern_(pattern),
        parts_(parts),
        bytes_(static_cast<const uint8_t*>(buffer)),
        offsets_(offsets) {}

  // The next message is message() with body().
  Status next() {
    body_ = pattern_.body();
    for (const PackedPart& part : kPackedParts) {
      if ((parts_ & part.flag) == 0) continue;
      if (offsets_[1] < offsets_[0]) {
        return make_error(ErrorCode::ARGUMENT, std::string("offsets: the end of a ") + part.name +
                                                   " lies before its beginning");
      }
      const Bytes bytes(bytes_ + offsets_[0], offsets_[1] - offsets_[0]);
      ++offsets_;
      if (part.set == nullptr) {
        body_ = bytes;
      } else if (auto status = set_text(part, bytes); !status.ok()) {
        return status;
      }
    }
    return {};
  }
  const OutgoingMessage& message() const { return own_ ? *own_ : pattern_; }
  Bytes body() const { return body_; }

 private:
  Status set_text(const PackedPart& part, Bytes bytes) {
    if (!own_) own_ = pattern_.copy_outgoing();
    auto text = rmq::capi::read_optional_text(
        part.name, reinterpret_cast<const char*>(bytes.data()), bytes.size(), kPackedTextBytesMax);
    if (!text.ok()) return text.take_error();
    return ((*own_).*part.set)(text.value().empty() ? std::string_view() : text.value());
  }

  static constexpr size_t kPackedTextBytesMax = 32767;
  const OutgoingMessage& pattern_;
  const int32_t parts_;
  const uint8_t* const bytes_;
  const uint32_t* offsets_;
  Bytes body_;
  std::unique_ptr<OutgoingMessage> own_;  // once texts differ from those of the pattern
};

Status check_packed(int32_t parts, const void* buffer, const uint32_t* offsets, size_t count) {
  int32_t known = 0;
  for (const PackedPart& part : kPackedParts) known |= part.flag;
  if (parts == 0 || (parts & ~known) != 0) {
    return make_error(ErrorCode::ARGUMENT,
                      "parts is " + std::to_string(parts) + ", expected a sum of RMQ_PART_");
  }
  if (count > 0 && !buffer) return null_argument("buffer");
  if (count > 0 && !offsets) return null_argument("offsets");
  return {};
}

}  // namespace

int32_t rmq_producer_new(rmq_runtime_t* runtime, const rmq_config_t* config,
                         rmq_event_queue_t* queue, uint64_t token, void* user_data,
                         rmq_producer_t** producer, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    *producer = nullptr;
    if (auto status = rmq::capi::check_child(runtime, config, queue, rmq::config::Owner::kProducer);
        !status.ok()) {
      return status;
    }
    const auto& owner = runtime->runtime;
    auto options = ProducerOptions::read(config ? config->config : owner->config());
    if (!options.ok()) return options.take_error();
    auto handle = std::make_unique<rmq_producer_s>();
    handle->producer = std::make_shared<Producer>(owner, options.take_value(),
                                                  queue ? queue->queue : owner->event_queue(),
                                                  rmq::event::Tag{token, user_data});
    if ((config ? config->config : owner->config()).boolean(rmq::config::OptionId::kAutoStart)) {
      if (auto status = handle->producer->start(); !status.ok()) return status;
    }
    *producer = handle.release();
    return {};
  });
}

int32_t rmq_producer_start(rmq_producer_t* producer, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    return producer->producer->start();
  });
}

int32_t rmq_producer_send(rmq_producer_t* producer, const rmq_message_t* message,
                          const rmq_destination_t* destination, int32_t flags, int64_t timeout_ms,
                          rmq_event_t** event, rmq_error_t** error) {
  if (event) *event = nullptr;
  return guarded(error, [&]() -> Status {
    auto call = read_call(producer, flags, timeout_ms, Waits::yes, nullptr, destination);
    if (!call.ok()) return call.take_error();
    if (call.value().is_half && !event) {
      return make_error(ErrorCode::ARGUMENT,
                        "event is null, but RMQ_FLAG_TRANSACTION needs it: the event is what tells "
                        "how the transaction ends");
    }
    auto outgoing = read_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    auto sent = producer->producer->send(*outgoing.value(), Place(destination), call.value());
    if (!sent.ok()) return sent.take_error();
    OwnedEvent result(rmq::capi::to_handle(sent.value()));
    Status status = rmq::client::status_of(*sent.value());
    if (event && status.ok()) *event = result.release();
    return status;
  });
}

int32_t rmq_producer_send_async(rmq_producer_t* producer, const rmq_message_t* message,
                                const rmq_destination_t* destination, int32_t flags,
                                int64_t timeout_ms, uint64_t token, void* user_data,
                                rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto call = read_call(producer, flags, timeout_ms, Waits::no, user_data, destination);
    if (!call.ok()) return call.take_error();
    auto outgoing = read_outgoing(message);
    if (!outgoing.ok()) return outgoing.take_error();
    call.value().tag.token = token;
    return producer->producer->send_async(*outgoing.value(), outgoing.value()->body(),
                                          Place(destination), call.value());
  });
}

int32_t rmq_producer_send_many(rmq_producer_t* producer, const rmq_message_t* const* messages,
                               const uint64_t* tokens, size_t count,
                               const rmq_destination_t* destination, int32_t flags,
                               int64_t timeout_ms, void* user_data, size_t* accepted,
                               rmq_error_t** error) {
  size_t done = 0;
  const int32_t code = guarded(error, [&]() -> Status {
    auto call = read_call(producer, flags, timeout_ms, Waits::no, user_data, destination);
    if (!call.ok()) return call.take_error();
    if (!messages && count > 0) return null_argument("messages");
    for (; done < count; ++done) {
      auto outgoing = read_outgoing(messages[done]);
      if (!outgoing.ok()) return outgoing.take_error();
      call.value().tag.token = tokens ? tokens[done] : done;
      auto status = producer->producer->send_async(*outgoing.value(), outgoing.value()->body(),
                                                   Place(destination), call.value());
      if (!status.ok()) return status;
    }
    return {};
  });
  if (accepted) *accepted = done;
  return code;
}

int32_t rmq_producer_send_packed(rmq_producer_t* producer, const rmq_message_t* pattern,
                                 int32_t parts, const void* buffer, const uint32_t* offsets,
                                 const uint64_t* tokens, size_t count,
                                 const rmq_destination_t* destination, int32_t flags,
                                 int64_t timeout_ms, void* user_data, size_t* accepted,
                                 rmq_error_t** error) {
  size_t done = 0;
  const int32_t code = guarded(error, [&]() -> Status {
    auto call = read_call(producer, flags, timeout_ms, Waits::no, user_data, destination);
    if (!call.ok()) return call.take_error();
    auto outgoing = read_outgoing(pattern);
    if (!outgoing.ok()) return outgoing.take_error();
    if (auto status = check_packed(parts, buffer, offsets, count); !status.ok()) return status;
    Unpacking unpacking(*outgoing.value(), parts, buffer, offsets);
    for (; done < count; ++done) {
      if (auto status = unpacking.next(); !status.ok()) return status;
      call.value().tag.token = tokens ? tokens[done] : done;
      auto status = producer->producer->send_async(unpacking.message(), unpacking.body(),
                                                   Place(destination), call.value());
      if (!status.ok()) return status;
    }
    return {};
  });
  if (accepted) *accepted = done;
  return code;
}

int32_t rmq_producer_update(rmq_producer_t* producer, const rmq_config_t* changes,
                            rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    if (!changes) return null_argument("changes");
    if (producer->producer->host().is_forked()) {
      return make_error(ErrorCode::FORKED, "the producer belongs to the parent process");
    }
    return producer->producer->update(changes->config);
  });
}

int32_t rmq_producer_cancel(rmq_producer_t* producer, uint64_t token, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    return producer->producer->cancel(token);
  });
}

namespace {

// The four calls that only pass a time limit on.
template <typename Call>
int32_t with_timeout(rmq_producer_t* producer, int64_t timeout_ms, rmq_error_t** error, Call call) {
  return guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    auto timeout = rmq::capi::read_timeout(timeout_ms);
    if (!timeout.ok()) return timeout.take_error();
    return call(*producer->producer, timeout.value());
  });
}

}  // namespace

int32_t rmq_producer_flush(rmq_producer_t* producer, int64_t timeout_ms, rmq_error_t** error) {
  return with_timeout(producer, timeout_ms, error,
                      [](Producer& p, Duration timeout) { return p.flush(timeout); });
}

int32_t rmq_producer_flush_async(rmq_producer_t* producer, int64_t timeout_ms, uint64_t token,
                                 void* user_data, rmq_error_t** error) {
  return with_timeout(producer, timeout_ms, error, [&](Producer& p, Duration timeout) {
    return p.flush_async(timeout, token, user_data);
  });
}

int32_t rmq_producer_queues(rmq_producer_t* producer, const char* topic, size_t topic_bytes,
                            int64_t timeout_ms, uint64_t token, void* user_data,
                            rmq_event_t** event, rmq_error_t** error) {
  if (event) *event = nullptr;
  return guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    auto name = rmq::capi::read_text("topic", topic, topic_bytes, kCallTextBytesMax);
    if (!name.ok()) return name.take_error();
    Producer& to = *producer->producer;
    return rmq::capi::run_cold_call(to.calls(), {timeout_ms, token, user_data, event},
                                    [&](Tag tag) { return to.make_queues(name.value(), tag); });
  });
}

int32_t rmq_producer_recall(rmq_producer_t* producer, const char* topic, size_t topic_bytes,
                            const char* recall_handle, size_t recall_handle_bytes,
                            int64_t timeout_ms, uint64_t token, void* user_data,
                            rmq_event_t** event, rmq_error_t** error) {
  if (event) *event = nullptr;
  return guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    auto name = rmq::capi::read_text("topic", topic, topic_bytes, kCallTextBytesMax);
    if (!name.ok()) return name.take_error();
    auto handle = rmq::capi::read_text("recall_handle", recall_handle, recall_handle_bytes,
                                       kCallTextBytesMax);
    if (!handle.ok()) return handle.take_error();
    Producer& to = *producer->producer;
    return rmq::capi::run_cold_call(
        to.calls(), {timeout_ms, token, user_data, event},
        [&](Tag tag) { return to.make_recall(name.value(), handle.value(), tag); });
  });
}

int32_t rmq_producer_close(rmq_producer_t* producer, int64_t timeout_ms, rmq_error_t** error) {
  return with_timeout(producer, timeout_ms, error,
                      [](Producer& p, Duration timeout) { return p.close(timeout); });
}

int32_t rmq_producer_close_async(rmq_producer_t* producer, int64_t timeout_ms, uint64_t token,
                                 void* user_data, rmq_error_t** error) {
  return with_timeout(producer, timeout_ms, error, [&](Producer& p, Duration timeout) {
    return p.close_async(timeout, {token, user_data});
  });
}

void rmq_producer_destroy(rmq_producer_t* producer) {
  if (!producer) return;
  if (producer->producer->host().is_forked()) {
    rmq::capi::leave_behind(producer->producer);
  } else {
    producer->producer->abandon();
  }
  delete producer;
}
