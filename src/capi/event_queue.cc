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
using rmq::event::EventParts;
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
    return make_error(ErrorCode::WRONG_MODE, "the events of this queue go to its callback");
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

// Where a poll puts what it takes.
struct Room {
  rmq_event_view_t* views;
  size_t view_size;
  size_t count_max;
  size_t* count;
};

// Takes events into the room; `show_more(parts, view)` may add to what is shown of each.
template <typename ShowMore>
Status poll(rmq_event_queue_t* queue, int64_t timeout_ms, const Room& room, ShowMore show_more) {
  if (!room.count) return null_argument("count");
  *room.count = 0;
  if (!queue) return null_argument("queue");
  if (!room.views && room.count_max > 0) return null_argument("views");
  // Before anything is taken: events that cannot be shown would be lost.
  if (room.view_size < rmq::capi::kEventViewBytesMin) {
    return make_error(ErrorCode::ARGUMENT, "view_size is " + std::to_string(room.view_size) +
                                               ", expected sizeof(rmq_event_view_t)");
  }
  auto wait = check_poll(queue, timeout_ms);
  if (!wait.ok()) return wait.take_error();
  // A share of its own: the handle may be destroyed while this thread waits.
  const std::shared_ptr<EventQueue> shared = queue->queue;
  auto* place = reinterpret_cast<unsigned char*>(room.views);
  std::array<Event*, 256> taken;
  while (*room.count < room.count_max) {
    size_t some = 0;
    const std::span<Event*> next =
        std::span(taken).first(std::min(taken.size(), room.count_max - *room.count));
    const auto end = shared->poll(next, *room.count == 0 ? wait.value() : Duration::zero(), &some);
    if (some == 0) return *room.count == 0 ? to_status(end) : Status();
    for (size_t i = 0; i < some; ++i, place += room.view_size) {
      rmq_event_view_t view;
      show_more(rmq::capi::show_event(*taken[i], &view), &view);
      rmq::capi::put_view(view, place, room.view_size);
    }
    *room.count += some;
    if (some < next.size()) break;
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
                                     void* user_data, int32_t threads, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!queue) return null_argument("queue");
    if (!callback) return queue->runtime->remove_callback(*queue->queue);
    const auto& option = rmq::config::option_info(rmq::config::OptionId::kDispatcherThreads);
    if (threads < 0 || threads > option.maximum) {
      return make_error(ErrorCode::ARGUMENT, "threads is " + std::to_string(threads) +
                                                 ", expected 0 (dispatcher_threads) to " +
                                                 std::to_string(option.maximum));
    }
    const auto call = [callback, user_data](Event& event) {
      event.note_shown();  // whatever the function looks at
      rmq_event_view_t view;
      rmq::capi::show_event(event, &view);
      const int32_t answer = callback(&view, user_data);
      if (answer == RMQ_EVENT_KEEP) return true;
      // Nobody is left to hear that the answer came too late, or that the event wants no answer.
      if (answer != RMQ_ANSWER_NONE) {
        rmq_event_answer(rmq::capi::to_handle(&event), answer, 0, nullptr);
      }
      return false;
    };
    return queue->runtime->set_callback(queue->queue, call, static_cast<std::size_t>(threads));
  });
}

int32_t rmq_event_queue_poll(rmq_event_queue_t* queue, int64_t timeout_ms, rmq_event_view_t* views,
                             size_t view_size, size_t count_max, size_t* count,
                             rmq_error_t** error) {
  return guarded(error, [&] {
    const auto show_nothing_more = [](const EventParts&, rmq_event_view_t*) {};
    return poll(queue, timeout_ms, {views, view_size, count_max, count}, show_nothing_more);
  });
}

int32_t rmq_event_queue_poll_messages(rmq_event_queue_t* queue, int64_t timeout_ms,
                                      rmq_event_view_t* views, size_t view_size, size_t count_max,
                                      size_t* count, rmq_message_view_t* messages,
                                      size_t message_view_size, size_t message_count_max,
                                      size_t* message_count, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (count) *count = 0;
    if (!message_count) return null_argument("message_count");
    *message_count = 0;
    if (!messages && message_count_max > 0) return null_argument("messages");
    if (!rmq::capi::is_view_size(message_view_size)) {
      return make_error(ErrorCode::ARGUMENT, "message_view_size is " +
                                                 std::to_string(message_view_size) +
                                                 ", expected sizeof(rmq_message_view_t)");
    }
    const auto show_messages = [&](const EventParts& parts, rmq_event_view_t* view) {
      auto* place = reinterpret_cast<unsigned char*>(messages) + *message_count * message_view_size;
      // A host that drops what it took has not looked at all of it: they do not count as shown.
      const size_t shown =
          rmq::capi::show_messages_of(parts, 0, reinterpret_cast<rmq_message_view_t*>(place),
                                      message_view_size, message_count_max - *message_count);
      view->first_message = static_cast<int64_t>(*message_count);
      view->messages_shown = static_cast<int32_t>(shown);
      *message_count += shown;
    };
    return poll(queue, timeout_ms, {views, view_size, count_max, count}, show_messages);
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
