#include "event/event.h"

#include <algorithm>
#include <climits>
#include <cstddef>
#include <type_traits>

#include "capi/edge.h"
#include "capi/event_view.h"
#include "capi/handles.h"
#include "capi/message_view.h"
#include "event/call_result.h"
#include "event/log_event.h"

using rmq::base::ErrorCode;
using rmq::base::make_error;
using rmq::base::Status;
using rmq::capi::from_handle;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::capi::put_view;
using rmq::capi::show_text;
using rmq::capi::show_text_unless_empty;
using rmq::capi::to_handle;

namespace {

using rmq::event::Answer;
using rmq::event::AnswerForm;
using rmq::event::AnswerKind;

}  // namespace

namespace rmq::capi {

event::EventParts show_event(event::Event& event, rmq_event_view_t* view) {
  const event::EventParts parts = event.parts();
  *view = {};
  view->event = to_handle(&event);
  view->token = event.token();
  view->user_data = event.user_data();
  view->event_type = static_cast<int32_t>(event.type());
  view->error_code = static_cast<int32_t>(event.error_code());
  view->outcome = static_cast<int32_t>(event.outcome());
  view->status = event::kSendStatusNone;
  view->offset = -1;
  view->queue_id = -1;
  view->wants_answer = parts.wants_answer;
  show_text(parts.message_id, &view->message_id, &view->message_id_bytes);
  show_text(parts.topic, &view->topic, &view->topic_bytes);
  if (const event::SendResult* result = parts.send_result) {
    view->status = result->status;
    view->offset = result->queue_offset;
    view->queue_id = result->queue_id;
    show_text(result->broker_name, &view->broker_name, &view->broker_name_bytes);
    show_text(result->offset_message_id, &view->offset_message_id, &view->offset_message_id_bytes);
  }
  if (parts.delivery) {
    view->offset = parts.delivery->first_queue_offset;
    view->queue_id = parts.delivery->queue_id;
    view->count = static_cast<int32_t>(parts.messages.size());
    show_text(parts.delivery->broker_name, &view->broker_name, &view->broker_name_bytes);
  }
  if (event.type() == event::EventType::result && event.call_result()) {
    view->offset = event.call_result()->offset;
    view->count = event.call_result()->count;
  }
  if (event.type() == event::EventType::transaction_check)
    view->count = static_cast<int32_t>(parts.messages.size());
  if (event.error_code() == base::ErrorCode::OK) return parts;
  view->error = to_handle(event.error());
  if (event.error() != nullptr && !parts.delivery)
    view->count = static_cast<int32_t>(std::min<int64_t>(event.error()->count, INT32_MAX));
  // Without memory for the error object the code's own sentence has to do.
  const std::string_view message = event.error() && !event.error()->message.empty()
                                       ? std::string_view(event.error()->message)
                                       : base::error_code_info(event.error_code()).sentence;
  show_text(message, &view->error_message, &view->error_message_bytes);
  return parts;
}

}  // namespace rmq::capi

int32_t rmq_event_view(rmq_event_t* event, rmq_event_view_t* view, size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  rmq_event_view_t full;
  rmq::capi::show_event(*from_handle(event), &full);
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

int32_t rmq_event_send_result(const rmq_event_t* event, rmq_send_result_view_t* view,
                              size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  const auto parts = from_handle(event)->parts();
  const rmq::event::SendResult* result = parts.send_result;
  if (!result) return RMQ_ERROR_WRONG_EVENT;
  rmq_send_result_view_t full{};
  full.status = result->status;
  full.queue_id = result->queue_id;
  full.queue_offset = result->queue_offset;
  full.trace_on = result->trace_on;
  show_text(result->message_id, &full.message_id, &full.message_id_bytes);
  show_text(result->offset_message_id, &full.offset_message_id, &full.offset_message_id_bytes);
  show_text(result->broker_name, &full.broker_name, &full.broker_name_bytes);
  show_text(result->transaction_id, &full.transaction_id, &full.transaction_id_bytes);
  show_text(result->region_id, &full.region_id, &full.region_id_bytes);
  show_text(result->recall_handle, &full.recall_handle, &full.recall_handle_bytes);
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

int32_t rmq_event_log(const rmq_event_t* event, rmq_log_view_t* view, size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  const rmq::event::LogRecord* record = from_handle(event)->parts().log_record;
  if (!record) return RMQ_ERROR_WRONG_EVENT;
  rmq_log_view_t full{};
  full.level = static_cast<int32_t>(record->level);
  full.status = static_cast<int32_t>(record->status);
  full.timestamp_ms = record->timestamp_ms;
  full.execution_time_us = record->execution_time_us;
  show_text(record->operation, &full.operation, &full.operation_bytes);
  show_text_unless_empty(record->client_id, &full.client_id, &full.client_id_bytes);
  show_text_unless_empty(record->error, &full.error, &full.error_bytes);
  show_text(record->line, &full.line, &full.line_bytes);
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

const char* rmq_event_text(const rmq_event_t* event, size_t* text_bytes) {
  const std::string* text = event ? from_handle(event)->parts().text : nullptr;
  if (text_bytes) *text_bytes = text ? text->size() : 0;
  return text ? text->c_str() : nullptr;
}

size_t rmq_event_queues(const rmq_event_t* event, size_t first, rmq_queue_view_t* views,
                        size_t view_size, size_t count_max) {
  const auto* result = event ? from_handle(event)->call_result() : nullptr;
  if (!result || !views || first >= result->queues.size()) return 0;
  auto* place = reinterpret_cast<unsigned char*>(views);
  size_t filled = 0;
  for (; filled < count_max && first + filled < result->queues.size();
       ++filled, place += view_size) {
    const rmq::event::QueueInfo& queue = result->queues[first + filled];
    rmq_queue_view_t full{};
    show_text(queue.topic, &full.topic, &full.topic_bytes);
    show_text(queue.broker_name, &full.broker_name, &full.broker_name_bytes);
    full.offset = queue.offset;
    full.timestamp_ms = queue.timestamp_ms;
    full.queue_id = queue.queue_id;
    full.error_code = static_cast<int32_t>(queue.error_code);
    if (!put_view(full, place, view_size)) break;
  }
  return filled;
}

int32_t rmq_event_answer_text(rmq_event_t* event, const char* text, size_t text_bytes,
                              rmq_error_t** error) {
  constexpr size_t kAnswerBytesMax = 4096;
  return guarded(error, [&]() -> Status {
    if (!event) return null_argument("event");
    auto answer = rmq::capi::read_optional_text("text", text, text_bytes, kAnswerBytesMax);
    if (!answer.ok()) return answer.take_error();
    return from_handle(event)->answer({.form = AnswerForm::text, .text = answer.value()});
  });
}

int32_t rmq_event_delivery(const rmq_event_t* event, rmq_delivery_view_t* view, size_t view_size) {
  if (!event) return RMQ_ERROR_ARGUMENT;
  const auto parts = from_handle(event)->parts();
  const auto& delivery = parts.delivery;
  if (!delivery) return RMQ_ERROR_WRONG_EVENT;
  rmq_delivery_view_t full{};
  show_text(delivery->topic, &full.topic, &full.topic_bytes);
  show_text(delivery->broker_name, &full.broker_name, &full.broker_name_bytes);
  show_text(delivery->group, &full.group, &full.group_bytes);
  full.first_queue_offset = delivery->first_queue_offset;
  full.epoch = delivery->epoch;
  full.queue_id = delivery->queue_id;
  full.message_count = static_cast<int32_t>(parts.messages.size());
  return put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

size_t rmq::capi::show_messages_of(const rmq::event::EventParts& parts, size_t first,
                                   rmq_message_view_t* views, size_t view_size, size_t count_max) {
  const auto messages = parts.messages;
  return show_messages(
      messages.size(), [&](size_t i) -> const auto& { return *messages[i]; }, first, views,
      view_size, count_max);
}

size_t rmq_event_messages(const rmq_event_t* event, size_t first, rmq_message_view_t* views,
                          size_t view_size, size_t count_max) {
  if (!event) return 0;
  const size_t count =
      rmq::capi::show_messages_of(from_handle(event)->parts(), first, views, view_size, count_max);
  // Shown or not is no part of the event that a reader could see change.
  if (count > 0) const_cast<rmq::event::Event*>(from_handle(event))->note_shown();
  return count;
}

int32_t rmq_event_answer(rmq_event_t* event, int32_t answer, int64_t value, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!event) return null_argument("event");
    return from_handle(event)->answer({.kind = static_cast<AnswerKind>(answer), .value = value});
  });
}

int32_t rmq_event_answer_each(rmq_event_t* event, const uint8_t* consumed, size_t consumed_bytes,
                              int64_t value, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!event) return null_argument("event");
    if (!consumed) return null_argument("consumed");
    return from_handle(event)->answer(
        {.form = AnswerForm::each, .value = value, .bits = {consumed, consumed_bytes}});
  });
}

int32_t rmq_event_answer_batch(const rmq_event_view_t* views, size_t view_size, size_t count,
                               const int32_t* answers, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!views && count > 0) return null_argument("views");
    if (!answers && count > 0) return null_argument("answers");
    if (view_size < rmq::capi::kEventViewBytesMin) {
      return make_error(ErrorCode::ARGUMENT, "view_size is " + std::to_string(view_size) +
                                                 ", expected sizeof(rmq_event_view_t)");
    }
    Status first_refusal;
    const auto* place = reinterpret_cast<const unsigned char*>(views);
    for (size_t i = 0; i < count; ++i, place += view_size) {
      rmq_event_t* event = nullptr;
      std::memcpy(&event, place + offsetof(rmq_event_view_t, event), sizeof event);
      if (!event || answers[i] == RMQ_ANSWER_NONE) continue;
      auto status = from_handle(event)->answer({.kind = static_cast<AnswerKind>(answers[i])});
      if (!status.ok() && first_refusal.ok()) first_refusal = std::move(status);
    }
    return first_refusal;
  });
}

void rmq_event_destroy(rmq_event_t* event) {
  if (event) from_handle(event)->destroy();
}

void rmq_event_destroy_batch(rmq_event_view_t* views, size_t view_size, size_t count) {
  if (!views || view_size < rmq::capi::kEventViewBytesMin) return;
  auto* place = reinterpret_cast<unsigned char*>(views) + offsetof(rmq_event_view_t, event);
  for (size_t i = 0; i < count; ++i, place += view_size) {
    rmq_event_t* event = nullptr;
    std::memcpy(&event, place, sizeof event);
    std::memset(place, 0, sizeof event);
    rmq_event_destroy(event);
  }
}

static_assert(std::is_standard_layout_v<rmq_event_view_t>);
