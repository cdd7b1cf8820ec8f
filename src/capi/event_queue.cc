#include "event/event_queue.h"

#include <array>

#include "capi/edge.h"
#include "capi/event_view.h"
#include "capi/handles.h"

using rmq::base::Duration;
using rmq::base::ErrorCode;
using rmq::base::make_error;
using rmq::base::Status;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::event::Event;
using rmq::event::EventQueue;

namespace {

bool is_unusable(const rmq_event_queue_t* queue) { return !queue || queue->runtime->is_forked(); }

rmq::base::Result<Duration> check_poll(const rmq_event_queue_t* queue, int64_t timeout_ms) {
  auto wait = rmq::capi::read_poll_timeout(timeout_ms);
  if (!wait.ok()) return wait;
  if (queue->runtime->is_forked()) {
    return make_error(ErrorCode::FORKED, "the event queue belongs to the parent process");
  }
  if (queue->queue->is_dispatched()) {
    return make_error(ErrorCode::WRONG_THREAD, "the events of this queue go to its callback");
  }
  if (timeout_ms != 0 && !queue->runtime->may_block()) {
    return make_error(ErrorCode::WRONG_THREAD,
                      "waiting for events on the thread that drives the runtime would never end",
                      "poll with timeout_ms 0 between the steps");
  }
  return wait;
}

Status to_status(EventQueue::PollEnd end) {
  switch (end) {
    case EventQueue::PollEnd::interrupted:
      return make_error(ErrorCode::INTERRUPTED, "rmq_event_queue_interrupt was called");
    case EventQueue::PollEnd::finished:
      return make_error(ErrorCode::CLOSED, "the runtime is closed and the queue is empty");
    case EventQueue::PollEnd::events:
    case EventQueue::PollEnd::timeout:
      break;
  }
  return {};
}

}  // namespace

int32_t rmq_event_queue_new(rmq_runtime_t* runtime, rmq_event_queue_t** queue,
                            rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!queue) return null_argument("queue");
    *queue = nullptr;
    if (!runtime) return null_argument("runtime");
    auto handle = std::make_unique<rmq_event_queue_s>();
    auto made = runtime->runtime->make_event_queue();
    if (!made.ok()) return made.take_error();
    handle->queue = made.take_value();
    handle->runtime = runtime->runtime;
    *queue = handle.release();
    return {};
  });
}

void rmq_event_queue_destroy(rmq_event_queue_t* queue) {
  if (!queue || queue->is_default) return;
  if (queue->runtime->is_forked()) {
    rmq::capi::leave_behind(queue->queue);
    rmq::capi::leave_behind(queue->runtime);
  } else {
    queue->runtime->give_up_event_queue(*queue->queue);
  }
  delete queue;
}

int32_t rmq_event_queue_fd(rmq_event_queue_t* queue) {
  return is_unusable(queue) ? -1 : queue->queue->descriptor();
}

int32_t rmq_event_queue_set_wakeup(rmq_event_queue_t* queue, rmq_wakeup_fn wakeup, void* user_data,
                                   rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!queue) return null_argument("queue");
    if (queue->runtime->is_forked()) {
      return make_error(ErrorCode::FORKED, "the event queue belongs to the parent process");
    }
    if (queue->queue->set_wake_up(wakeup, user_data)) return {};
    return make_error(ErrorCode::ARGUMENT, "the queue has a callback already");
  });
}

int32_t rmq_event_queue_set_callback(rmq_event_queue_t* queue, rmq_event_fn callback,
                                     void* user_data, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!queue) return null_argument("queue");
    if (!callback) return queue->runtime->remove_callback(*queue->queue);
    return queue->runtime->set_callback(queue->queue, [callback, user_data](Event& event) {
      event.note_shown();  // whatever the function looks at
      const int32_t answer = callback(rmq::capi::to_handle(&event), user_data);
      if (answer == RMQ_ANSWER_LATER) return true;
      // Nobody is left to hear that the answer came too late, or that the event wants no answer.
      if (answer != RMQ_ANSWER_DONE) {
        rmq_event_answer(rmq::capi::to_handle(&event), answer, RMQ_DELAY_BY_COUNT, nullptr);
      }
      return false;
    });
  });
}

int32_t rmq_event_queue_poll(rmq_event_queue_t* queue, int64_t timeout_ms, rmq_event_t** event,
                             rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!event) return null_argument("event");
    *event = nullptr;
    if (!queue) return null_argument("queue");
    auto wait = check_poll(queue, timeout_ms);
    if (!wait.ok()) return wait.take_error();
    Event* taken = nullptr;
    size_t count = 0;
    // A share of its own: the handle may be destroyed while this thread waits.
    const std::shared_ptr<EventQueue> shared = queue->queue;
    const auto end = shared->poll({&taken, 1}, wait.value(), &count);
    *event = rmq::capi::to_handle(taken);
    return to_status(end);
  });
}

int32_t rmq_event_queue_poll_batch(rmq_event_queue_t* queue, int64_t timeout_ms,
                                   rmq_event_view_t* views, size_t view_size, size_t count_max,
                                   size_t* count, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!count) return null_argument("count");
    *count = 0;
    if (!queue) return null_argument("queue");
    if (!views && count_max > 0) return null_argument("views");
    // Before anything is taken: events that cannot be shown would be lost.
    if (!rmq::capi::is_view_size(view_size)) {
      return make_error(ErrorCode::ARGUMENT, "view_size is " + std::to_string(view_size) +
                                                 ", expected sizeof(rmq_event_view_t)");
    }
    auto wait = check_poll(queue, timeout_ms);
    if (!wait.ok()) return wait.take_error();
    // A share of its own: the handle may be destroyed while this thread waits.
    const std::shared_ptr<EventQueue> shared = queue->queue;
    auto* place = reinterpret_cast<unsigned char*>(views);
    std::array<Event*, 256> taken;
    while (*count < count_max) {
      size_t some = 0;
      const std::span<Event*> room =
          std::span(taken).first(std::min(taken.size(), count_max - *count));
      const auto end = shared->poll(room, *count == 0 ? wait.value() : Duration::zero(), &some);
      if (some == 0) return *count == 0 ? to_status(end) : Status();
      for (size_t i = 0; i < some; ++i, place += view_size) {
        rmq_event_view_t view;
        rmq::capi::show_event(*taken[i], &view);
        rmq::capi::put_view(view, place, view_size);
      }
      *count += some;
      if (some < room.size()) break;
    }
    return {};
  });
}

void rmq_event_queue_interrupt(rmq_event_queue_t* queue) {
  if (!is_unusable(queue)) queue->queue->interrupt();
}

size_t rmq_event_queue_length(const rmq_event_queue_t* queue) {
  return is_unusable(queue) ? 0 : queue->queue->size();
}

uint64_t rmq_event_queue_dropped(const rmq_event_queue_t* queue) {
  return queue ? queue->queue->dropped() : 0;
}
