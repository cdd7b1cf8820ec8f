#include "client/runtime.h"

#include "capi/edge.h"
#include "capi/handles.h"

using rmq::base::Status;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::client::Runtime;

int32_t rmq_runtime_new(const rmq_config_t* config, uint64_t token, void* user_data,
                        rmq_runtime_t** runtime, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!runtime) return null_argument("runtime");
    *runtime = nullptr;
    auto made = Runtime::make(config ? config->config : rmq::config::Config(),
                              rmq::client::make_system_surroundings(), {token, user_data});
    if (!made.ok()) return made.take_error();
    auto handle = std::make_unique<rmq_runtime_s>();
    handle->runtime = made.take_value();
    handle->default_queue.queue = handle->runtime->event_queue();
    handle->default_queue.runtime = handle->runtime;
    handle->default_queue.is_default = true;
    if (handle->runtime->config().boolean(rmq::config::OptionId::kAutoStart)) {
      if (auto status = handle->runtime->start(); !status.ok()) return status;
    }
    *runtime = handle.release();
    return {};
  });
}

int32_t rmq_runtime_start(rmq_runtime_t* runtime, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!runtime) return null_argument("runtime");
    return runtime->runtime->start();
  });
}

int32_t rmq_runtime_close(rmq_runtime_t* runtime, int64_t timeout_ms, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!runtime) return null_argument("runtime");
    auto timeout = rmq::capi::read_timeout(timeout_ms);
    if (!timeout.ok()) return timeout.take_error();
    return runtime->runtime->close(timeout.value());
  });
}

int32_t rmq_runtime_close_async(rmq_runtime_t* runtime, int64_t timeout_ms, uint64_t token,
                                void* user_data, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!runtime) return null_argument("runtime");
    auto timeout = rmq::capi::read_timeout(timeout_ms);
    if (!timeout.ok()) return timeout.take_error();
    return runtime->runtime->close_async(timeout.value(), {token, user_data});
  });
}

void rmq_runtime_destroy(rmq_runtime_t* runtime) {
  if (!runtime) return;
  if (runtime->runtime->is_forked()) {
    runtime->runtime->close_inherited_sockets();
    rmq::capi::leave_behind(runtime->runtime);
  } else if (!runtime->runtime->abandon()) {
    rmq::capi::leave_behind(runtime->runtime);
  }
  delete runtime;
}

int32_t rmq_runtime_update(rmq_runtime_t* runtime, const rmq_config_t* changes,
                           rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!runtime) return null_argument("runtime");
    if (!changes) return null_argument("changes");
    return runtime->runtime->update(changes->config);
  });
}

int32_t rmq_runtime_view(const rmq_runtime_t* runtime, rmq_runtime_view_t* view, size_t view_size) {
  if (!runtime) return RMQ_ERROR_ARGUMENT;
  const Runtime& shown = *runtime->runtime;
  if (shown.is_forked()) return RMQ_ERROR_FORKED;
  rmq_runtime_view_t full{};
  full.threads = static_cast<int32_t>(shown.thread_count());
  full.is_driven = shown.is_driven();
  full.is_running = shown.check_running().ok();
  full.client_id = shown.client_id().c_str();
  full.client_id_bytes = shown.client_id().size();
  return rmq::capi::put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

rmq_event_queue_t* rmq_runtime_event_queue(rmq_runtime_t* runtime) {
  return runtime ? &runtime->default_queue : nullptr;
}

int32_t rmq_runtime_set_event_queue(rmq_runtime_t* runtime, int32_t event_type,
                                    rmq_event_queue_t* queue, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!runtime) return null_argument("runtime");
    if (queue && queue->runtime != runtime->runtime) {
      return rmq::base::make_error(rmq::base::ErrorCode::ARGUMENT,
                                   "the event queue belongs to another runtime");
    }
    return runtime->runtime->route(static_cast<rmq::event::EventType>(event_type),
                                   queue ? queue->queue : nullptr);
  });
}

int32_t rmq_runtime_fd(const rmq_runtime_t* runtime) {
  return runtime ? runtime->runtime->descriptor() : -1;
}

int64_t rmq_runtime_timeout_ms(rmq_runtime_t* runtime) {
  return runtime ? runtime->runtime->timeout_ms() : -1;
}

int32_t rmq_runtime_step(rmq_runtime_t* runtime, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!runtime) return null_argument("runtime");
    return runtime->runtime->step();
  });
}
