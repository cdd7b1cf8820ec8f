#include "event/event.h"

#include <type_traits>

#include "capi/edge.h"
#include "capi/event_view.h"
#include "capi/handles.h"
#include "capi/message_view.h"
#include "event/log_event.h"

using rmq::base::Status;
using rmq::capi::from_handle;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::capi::put_view;
using rmq::capi::to_handle;

namespace rmq::capi {

void show_event(event::Event& event, rmq_event_view_t* view) {
  *view = {};
  view->event = to_handle(&event);
  view->token = event.token();
  view->user_data = event.user_data();
  view->event_type = static_cast<int32_t>(event.type());
  view->error_code = static_cast<int32_t>(event.error_code());
  view->outcome = static_cast<int32_t>(event.outcome());
  view->send_status = event::kSendStatusNone;
  view->queue_offset = -1;
  view->queue_id = -1;
  view->message_id = event.message_id().data();
  view->message_id_bytes = event.message_id().size();
  if (const event::SendResult* result = event.send_result()) {
    view->send_status = result->status;
    view->queue_offset = result->queue_offset;
    view->queue_id = result->queue_id;
    view->broker_name = result->broker_name.data();
    view->broker_name_bytes = result->broker_name.size();
    view->offset_message_id = result->offset_message_id.data();
    view->offset_message_id_bytes = result->offset_message_id.size();
  }
  if (const auto delivery = event.delivery()) {
    view->queue_offset = delivery->first_queue_offset;
    view->queue_id = delivery->queue_id;
    view->message_count = static_cast<int32_t>(event.messages().size());
    view->broker_name = delivery->broker_name.data();
    view->broker_name_bytes = delivery->broker_name.size();
  }
  if (event.error_code() == base::ErrorCode::OK) return;
  view->error = to_handle(event.error());
  // Without memory for the error object the code's own sentence has to do.
  const std::string_view message = event.error() && !event.error()->message.empty()
                                       ? std::string_view(event.error()->message)
                                       : base::error_code_info(event.error_code()).sentence;
  view->error_message = message.data();
  view->error_message_bytes = message.size();
}

}  // namespace rmq::capi

int32_t rmq_event_view(rmq_event_t* event, rmq_event_view_t* view, size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  rmq_event_view_t full;
  rmq::capi::show_event(*from_handle(event), &full);
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

int32_t rmq_event_type(const rmq_event_t* event) {
  return event ? static_cast<int32_t>(from_handle(event)->type()) : 0;
}

uint64_t rmq_event_token(const rmq_event_t* event) {
  return event ? from_handle(event)->token() : 0;
}

void* rmq_event_user_data(const rmq_event_t* event) {
  return event ? from_handle(event)->user_data() : nullptr;
}

const rmq_error_t* rmq_event_error(const rmq_event_t* event) {
  return event ? to_handle(from_handle(event)->error()) : nullptr;
}

int32_t rmq_event_send_result(const rmq_event_t* event, rmq_send_result_view_t* view,
                              size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  const rmq::event::SendResult* result = from_handle(event)->send_result();
  if (!result) return RMQ_ERROR_WRONG_EVENT;
  rmq_send_result_view_t full{};
  full.status = result->status;
  full.queue_id = result->queue_id;
  full.queue_offset = result->queue_offset;
  full.trace_on = result->trace_on;
  const auto put = [](std::string_view text, const char** pointer, size_t* bytes) {
    *pointer = text.data() ? text.data() : "";
    *bytes = text.size();
  };
  put(result->message_id, &full.message_id, &full.message_id_bytes);
  put(result->offset_message_id, &full.offset_message_id, &full.offset_message_id_bytes);
  put(result->broker_name, &full.broker_name, &full.broker_name_bytes);
  put(result->transaction_id, &full.transaction_id, &full.transaction_id_bytes);
  put(result->region_id, &full.region_id, &full.region_id_bytes);
  put(result->recall_handle, &full.recall_handle, &full.recall_handle_bytes);
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

int32_t rmq_event_log(const rmq_event_t* event, rmq_log_view_t* view, size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  const rmq::event::LogRecord* record = from_handle(event)->log_record();
  if (!record) return RMQ_ERROR_WRONG_EVENT;
  rmq_log_view_t full{};
  full.level = static_cast<int32_t>(record->level);
  full.status = static_cast<int32_t>(record->status);
  full.timestamp_ms = record->timestamp_ms;
  full.execution_time_us = record->execution_time_us;
  full.operation = record->operation.c_str();
  full.operation_bytes = record->operation.size();
  full.client_id = record->client_id.c_str();
  full.client_id_bytes = record->client_id.size();
  full.error = record->error.c_str();
  full.error_bytes = record->error.size();
  full.line = record->line.c_str();
  full.line_bytes = record->line.size();
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

const char* rmq_event_text(const rmq_event_t* event, size_t* text_bytes) {
  const std::string* text = event ? from_handle(event)->question_text() : nullptr;
  if (text_bytes) *text_bytes = text ? text->size() : 0;
  return text ? text->c_str() : nullptr;
}

int32_t rmq_event_answer_text(rmq_event_t* event, const char* text, size_t text_bytes,
                              rmq_error_t** error) {
  constexpr size_t kAnswerBytesMax = 4096;
  return guarded(error, [&]() -> Status {
    if (!event) return null_argument("event");
    auto answer = rmq::capi::read_optional_text("text", text, text_bytes, kAnswerBytesMax);
    if (!answer.ok()) return answer.take_error();
    return from_handle(event)->answer_text(answer.value());
  });
}

int32_t rmq_event_delivery(const rmq_event_t* event, rmq_delivery_view_t* view, size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  const auto delivery = from_handle(event)->delivery();
  if (!delivery) return RMQ_ERROR_WRONG_EVENT;
  rmq_delivery_view_t full{};
  full.topic = delivery->topic.data();
  full.topic_bytes = delivery->topic.size();
  full.broker_name = delivery->broker_name.data();
  full.broker_name_bytes = delivery->broker_name.size();
  full.group = delivery->group.data();
  full.group_bytes = delivery->group.size();
  full.first_queue_offset = delivery->first_queue_offset;
  full.epoch = delivery->epoch;
  full.queue_id = delivery->queue_id;
  full.message_count = static_cast<int32_t>(from_handle(event)->messages().size());
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

size_t rmq_event_messages(const rmq_event_t* event, size_t first, rmq_message_view_t* views,
                          size_t view_size, size_t count_max) {
  if (!event) return 0;
  const auto messages = from_handle(event)->messages();
  const size_t count = rmq::capi::show_messages(
      messages.size(), [&](size_t i) -> const auto& { return *messages[i]; }, first, views,
      view_size, count_max);
  // Shown or not is no part of the event that a reader could see change.
  if (count > 0) const_cast<rmq::event::Event*>(from_handle(event))->note_shown();
  return count;
}

namespace {

rmq::base::Result<rmq::event::AnswerKind> read_answer(int32_t answer) {
  switch (answer) {
    case RMQ_ANSWER_SUCCESS:
    case RMQ_ANSWER_RECONSUME_LATER:
    case RMQ_ANSWER_RETURN:
      return static_cast<rmq::event::AnswerKind>(answer);
    default:
      return rmq::base::make_error(
          rmq::base::ErrorCode::ARGUMENT,
          "answer is " + std::to_string(answer) +
              ", expected RMQ_ANSWER_SUCCESS, RMQ_ANSWER_RECONSUME_LATER or RMQ_ANSWER_RETURN");
  }
}

}  // namespace

int32_t rmq_event_answer(rmq_event_t* event, int32_t answer, int32_t delay_level,
                         rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!event) return null_argument("event");
    auto kind = read_answer(answer);
    if (!kind.ok()) return kind.take_error();
    return from_handle(event)->answer(kind.value(), delay_level);
  });
}

int32_t rmq_event_answer_each(rmq_event_t* event, const uint8_t* consumed, size_t bytes,
                              int32_t delay_level, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!event) return null_argument("event");
    if (!consumed) return null_argument("consumed");
    const size_t messages = from_handle(event)->messages().size();
    if (bytes < (messages + 7) / 8) {
      return rmq::base::make_error(rmq::base::ErrorCode::ARGUMENT,
                                   std::to_string(bytes) + " bytes, expected a bit for each of " +
                                       std::to_string(messages) + " messages");
    }
    return from_handle(event)->answer_each({consumed, bytes}, delay_level);
  });
}

void rmq_event_destroy(rmq_event_t* event) {
  if (event) from_handle(event)->destroy();
}

void rmq_event_destroy_batch(rmq_event_view_t* views, size_t view_size, size_t count) {
  if (!views || view_size < sizeof(rmq_event_t*)) return;
  auto* place = reinterpret_cast<unsigned char*>(views);
  for (size_t i = 0; i < count; ++i, place += view_size) {
    // The handle is the first member in every version.
    rmq_event_t* event = nullptr;
    std::memcpy(&event, place, sizeof event);
    std::memset(place, 0, sizeof event);
    rmq_event_destroy(event);
  }
}

static_assert(std::is_standard_layout_v<rmq_event_view_t> &&
              offsetof(rmq_event_view_t, event) == 0);
