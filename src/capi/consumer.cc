#include "capi/edge.h"
#include "capi/handles.h"
#include "consumer/group_member.h"

using rmq::base::Duration;
using rmq::base::ErrorCode;
using rmq::base::make_error;
using rmq::base::Status;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::consumer::ConsumerOptions;
using rmq::consumer::FilterType;
using rmq::consumer::GroupMember;

namespace {

constexpr size_t kTopicBytesMax = 1024;  // what is illegal within that is told as such
constexpr size_t kExpressionBytesMax = 64 * 1024;

}  // namespace

int32_t rmq_consumer_new(rmq_runtime_t* runtime, int32_t kind, const rmq_config_t* config,
                         rmq_event_queue_t* queue, rmq_subscription_t* subscription,
                         rmq_offset_store_t* store, uint64_t token, void* user_data,
                         rmq_consumer_t** consumer, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!consumer) return null_argument("consumer");
    *consumer = nullptr;
    if (subscription || store) {
      return make_error(ErrorCode::ARGUMENT, "subscription and store must be null in this version");
    }
    if (auto status = rmq::capi::check_child(runtime, config, queue, rmq::config::Owner::kConsumer);
        !status.ok()) {
      return status;
    }
    const auto& owner = runtime->runtime;
    const rmq::config::Config& own_config = config ? config->config : owner->config();
    auto options = ConsumerOptions::read(own_config, owner->config());
    if (!options.ok()) return options.take_error();
    const auto* parts = rmq::consumer::find_parts(static_cast<rmq::consumer::ConsumerKind>(kind),
                                                  options.value().message_model);
    if (!parts) {
      return make_error(ErrorCode::ARGUMENT, "kind is " + std::to_string(kind) +
                                                 ", expected RMQ_CONSUMER_PUSH_CONCURRENT");
    }
    auto handle = std::make_unique<rmq_consumer_s>();
    handle->consumer =
        GroupMember::make(owner, *parts, options.take_value(),
                          queue ? queue->queue : owner->event_queue(), {token, user_data});
    if (own_config.boolean(rmq::config::OptionId::kAutoStart)) {
      if (auto status = handle->consumer->start(); !status.ok()) return status;
    }
    *consumer = handle.release();
    return {};
  });
}

int32_t rmq_consumer_subscribe(rmq_consumer_t* consumer, const char* topic, size_t topic_bytes,
                               int32_t expression_type, const char* expression,
                               size_t expression_bytes, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!consumer) return null_argument("consumer");
    auto name = rmq::capi::read_text("topic", topic, topic_bytes, kTopicBytesMax);
    if (!name.ok()) return name.take_error();
    auto text = rmq::capi::read_optional_text("expression", expression, expression_bytes,
                                              kExpressionBytesMax);
    if (!text.ok()) return text.take_error();
    if (expression_type != RMQ_EXPRESSION_TAG && expression_type != RMQ_EXPRESSION_SQL92) {
      return make_error(ErrorCode::ARGUMENT,
                        "expression_type is " + std::to_string(expression_type) +
                            ", expected RMQ_EXPRESSION_TAG or RMQ_EXPRESSION_SQL92");
    }
    return consumer->consumer->subscribe(name.value(), static_cast<FilterType>(expression_type),
                                         text.value());
  });
}

int32_t rmq_consumer_unsubscribe(rmq_consumer_t* consumer, const char* topic, size_t topic_bytes,
                                 rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!consumer) return null_argument("consumer");
    auto name = rmq::capi::read_text("topic", topic, topic_bytes, kTopicBytesMax);
    if (!name.ok()) return name.take_error();
    return consumer->consumer->unsubscribe(name.value());
  });
}

int32_t rmq_consumer_start(rmq_consumer_t* consumer, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!consumer) return null_argument("consumer");
    return consumer->consumer->start();
  });
}

int32_t rmq_consumer_update(rmq_consumer_t* consumer, const rmq_config_t* changes,
                            rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!consumer) return null_argument("consumer");
    if (!changes) return null_argument("changes");
    if (consumer->consumer->host().is_forked()) {
      return make_error(ErrorCode::FORKED, "the consumer belongs to the parent process");
    }
    return consumer->consumer->update(changes->config);
  });
}

int32_t rmq_consumer_close(rmq_consumer_t* consumer, int64_t timeout_ms, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!consumer) return null_argument("consumer");
    auto timeout = rmq::capi::read_timeout(timeout_ms);
    if (!timeout.ok()) return timeout.take_error();
    return consumer->consumer->close(timeout.value());
  });
}

int32_t rmq_consumer_close_async(rmq_consumer_t* consumer, int64_t timeout_ms, uint64_t token,
                                 void* user_data, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!consumer) return null_argument("consumer");
    auto timeout = rmq::capi::read_timeout(timeout_ms);
    if (!timeout.ok()) return timeout.take_error();
    return consumer->consumer->close_async(timeout.value(), {token, user_data});
  });
}

void rmq_consumer_destroy(rmq_consumer_t* consumer) {
  if (!consumer) return;
  if (consumer->consumer->host().is_forked()) {
    rmq::capi::leave_behind(consumer->consumer);
  } else {
    consumer->consumer->abandon();
  }
  delete consumer;
}
