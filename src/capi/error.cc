#include "capi/edge.h"
#include "capi/handles.h"

using rmq::base::Error;
using rmq::capi::from_handle;
using rmq::capi::show_text_unless_empty;

namespace {

void show(const Error& error, rmq_error_view_t* view) {
  const auto& info = rmq::base::error_code_info(error.code);
  view->code = static_cast<int32_t>(error.code);
  view->category = static_cast<int32_t>(info.category);
  view->outcome = static_cast<int32_t>(error.outcome);
  view->retriable = error.is_retriable();
  view->server_role = static_cast<int32_t>(error.server_role);
  view->response_code = error.response_code;
  view->queue_id = error.queue_id;
  show_text_unless_empty(info.name, &view->name, &view->name_bytes);
  show_text_unless_empty(error.message, &view->message, &view->message_bytes);
  show_text_unless_empty(error.hint, &view->hint, &view->hint_bytes);
  show_text_unless_empty(error.remark, &view->remark, &view->remark_bytes);
  show_text_unless_empty(error.address, &view->address, &view->address_bytes);
  show_text_unless_empty(error.topic, &view->topic, &view->topic_bytes);
  show_text_unless_empty(error.broker_name, &view->broker_name, &view->broker_name_bytes);
  show_text_unless_empty(error.group, &view->group, &view->group_bytes);
  show_text_unless_empty(error.client_id, &view->client_id, &view->client_id_bytes);
  show_text_unless_empty(error.message_id, &view->message_id, &view->message_id_bytes);
  view->count = error.count;
  view->elapsed_ms = error.elapsed_ms;
  view->limit_ms = error.limit_ms;
}

}  // namespace

int32_t rmq_error_view(const rmq_error_t* error, rmq_error_view_t* view, size_t view_size) {
  rmq_error_view_t full{};
  if (error) {
    show(*from_handle(error), &full);
  } else {
    full.response_code = -1;
    full.queue_id = -1;
    full.elapsed_ms = -1;
    full.limit_ms = -1;
    full.name = rmq_name(RMQ_NAME_ERROR, RMQ_OK);
    full.name_bytes = std::strlen(full.name);
  }
  return rmq::capi::put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

int32_t rmq_error_code(const rmq_error_t* error) {
  return error ? static_cast<int32_t>(from_handle(error)->code) : static_cast<int32_t>(RMQ_OK);
}

const char* rmq_error_message(const rmq_error_t* error) {
  return error ? from_handle(error)->message.c_str() : "";
}

rmq_error_t* rmq_error_retain(const rmq_error_t* error) {
  if (!error) return nullptr;
  rmq_error_t* copy = nullptr;
  rmq::capi::guarded(nullptr, [&]() -> rmq::base::Status {
    copy = rmq::capi::to_handle(new Error(*from_handle(error)));
    return {};
  });
  return copy;
}

void rmq_error_destroy(rmq_error_t* error) { delete from_handle(error); }
