#include "producer/producer.h"

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
using rmq::producer::Destination;
using rmq::producer::OutgoingMessage;
using rmq::producer::Producer;
using rmq::producer::ProducerOptions;
using rmq::producer::SendMode;

namespace {

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

// What every send is given. A null message is an error that names it.
struct SendArguments {
  const OutgoingMessage* message = nullptr;
  Duration timeout{};
};

rmq::base::Result<SendArguments> check_send(const rmq_producer_t* producer,
                                            const rmq_message_t* message, int64_t timeout_ms) {
  if (!producer) return null_argument("producer");
  if (!message) return null_argument("message");
  SendArguments arguments;
  arguments.message = from_handle(message)->outgoing();
  if (!arguments.message) {
    return make_error(ErrorCode::ARGUMENT, "the message was received, and cannot be sent as it is",
                      "build a new one with rmq_message_new");
  }
  auto timeout = rmq::capi::read_timeout(timeout_ms);
  if (!timeout.ok()) return timeout.take_error();
  arguments.timeout = timeout.value();
  return arguments;
}

}  // namespace

int32_t rmq_producer_new(rmq_runtime_t* runtime, const rmq_config_t* config,
                         rmq_event_queue_t* queue, rmq_producer_t** producer, rmq_error_t** error) {
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
                                                  queue ? queue->queue : owner->event_queue());
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
                          const rmq_destination_t* destination, int64_t timeout_ms,
                          rmq_event_t** event, rmq_error_t** error) {
  if (event) *event = nullptr;
  return guarded(error, [&]() -> Status {
    auto arguments = check_send(producer, message, timeout_ms);
    if (!arguments.ok()) return arguments.take_error();
    auto sent = producer->producer->send(*arguments.value().message, Place(destination),
                                         arguments.value().timeout);
    if (!sent.ok()) return sent.take_error();
    OwnedEvent result(rmq::capi::to_handle(sent.value()));
    Status status = rmq::client::status_of(*sent.value());
    if (event && status.ok()) *event = result.release();
    return status;
  });
}

int32_t rmq_producer_send_async(rmq_producer_t* producer, const rmq_message_t* message,
                                const rmq_destination_t* destination, int64_t timeout_ms,
                                uint64_t token, void* user_data, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto arguments = check_send(producer, message, timeout_ms);
    if (!arguments.ok()) return arguments.take_error();
    const OutgoingMessage& outgoing = *arguments.value().message;
    return producer->producer->send_async(outgoing, outgoing.body(), Place(destination),
                                          arguments.value().timeout, SendMode::event, token,
                                          user_data);
  });
}

int32_t rmq_producer_send_oneway(rmq_producer_t* producer, const rmq_message_t* message,
                                 const rmq_destination_t* destination, int32_t mode, uint64_t token,
                                 void* user_data, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    auto arguments = check_send(producer, message, 0);
    if (!arguments.ok()) return arguments.take_error();
    if (mode != RMQ_ONEWAY_SILENT && mode != RMQ_ONEWAY_EVENT) {
      return make_error(
          ErrorCode::ARGUMENT,
          "mode is " + std::to_string(mode) + ", expected RMQ_ONEWAY_SILENT or RMQ_ONEWAY_EVENT");
    }
    const OutgoingMessage& outgoing = *arguments.value().message;
    return producer->producer->send_async(
        outgoing, outgoing.body(), Place(destination), Duration::zero(),
        mode == RMQ_ONEWAY_EVENT ? SendMode::oneway_event : SendMode::silent_oneway, token,
        user_data);
  });
}

int32_t rmq_producer_send_many(rmq_producer_t* producer, const rmq_message_t* const* messages,
                               const uint64_t* tokens, size_t count,
                               const rmq_destination_t* destination, int64_t timeout_ms,
                               void* user_data, size_t* accepted, rmq_error_t** error) {
  size_t done = 0;
  const int32_t code = guarded(error, [&]() -> Status {
    if (!producer) return null_argument("producer");
    if (!messages && count > 0) return null_argument("messages");
    for (; done < count; ++done) {
      auto arguments = check_send(producer, messages[done], timeout_ms);
      if (!arguments.ok()) return arguments.take_error();
      const OutgoingMessage& outgoing = *arguments.value().message;
      auto status = producer->producer->send_async(outgoing, outgoing.body(), Place(destination),
                                                   arguments.value().timeout, SendMode::event,
                                                   tokens ? tokens[done] : done, user_data);
      if (!status.ok()) return status;
    }
    return {};
  });
  if (accepted) *accepted = done;
  return code;
}

int32_t rmq_producer_send_packed(rmq_producer_t* producer, const rmq_message_t* pattern,
                                 const void* buffer, const uint32_t* offsets, uint64_t first_token,
                                 size_t count, const rmq_destination_t* destination,
                                 int64_t timeout_ms, void* user_data, size_t* accepted,
                                 rmq_error_t** error) {
  size_t done = 0;
  const int32_t code = guarded(error, [&]() -> Status {
    auto arguments = check_send(producer, pattern, timeout_ms);
    if (!arguments.ok()) return arguments.take_error();
    if (count > 0 && !buffer) return null_argument("buffer");
    if (count > 0 && !offsets) return null_argument("offsets");
    const auto* bytes = static_cast<const uint8_t*>(buffer);
    for (; done < count; ++done) {
      if (offsets[done + 1] < offsets[done]) {
        return make_error(ErrorCode::ARGUMENT, "offsets[" + std::to_string(done + 1) +
                                                   "] is less than the one before it");
      }
      const Bytes body(bytes + offsets[done], offsets[done + 1] - offsets[done]);
      auto status = producer->producer->send_async(*arguments.value().message, body,
                                                   Place(destination), arguments.value().timeout,
                                                   SendMode::event, first_token + done, user_data);
      if (!status.ok()) return status;
    }
    return {};
  });
  if (accepted) *accepted = done;
  return code;
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

int32_t rmq_producer_close(rmq_producer_t* producer, int64_t timeout_ms, rmq_error_t** error) {
  return with_timeout(producer, timeout_ms, error,
                      [](Producer& p, Duration timeout) { return p.close(timeout); });
}

int32_t rmq_producer_close_async(rmq_producer_t* producer, int64_t timeout_ms, uint64_t token,
                                 void* user_data, rmq_error_t** error) {
  return with_timeout(producer, timeout_ms, error, [&](Producer& p, Duration timeout) {
    return p.close_async(timeout, token, user_data);
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
