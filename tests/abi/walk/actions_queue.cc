// Event queues: made, polled, interrupted, given wake-up functions and callbacks, given up.
#include <poll.h>

#include <array>

#include "tests/abi/walk/finding.h"
#include "tests/abi/walk/walker.h"

namespace rmq::walk {
namespace {

void on_wake_up(void* user_data) { static_cast<HostFunction*>(user_data)->enter(); }

std::int32_t on_event(rmq_event_view_t* event, void* user_data) {
  auto* function = static_cast<HostFunction*>(user_data);
  function->enter();
  const bool is_end =
      event->event_type == RMQ_EVENT_SEND || event->event_type == RMQ_EVENT_CLOSED ||
      event->event_type == RMQ_EVENT_FLUSHED || event->event_type == RMQ_EVENT_RESULT;
  if (is_end) function->count->seen.fetch_add(1);
  return event->token % 3 == 0 ? RMQ_ANSWER_RECONSUME_LATER : RMQ_ANSWER_SUCCESS;
}

std::shared_ptr<Queue> pick_queue(Walker& walker) {
  if (walker.chance(3)) {
    const auto runtime = walker.world.runtimes.at(walker.below(walker.world.runtimes.size));
    return runtime ? runtime->default_queue : nullptr;
  }
  return walker.world.queues.at(walker.below(walker.world.queues.size));
}

template <typename Function>
void with_queue(Walker& walker, Function function) {
  if (const auto queue = pick_queue(walker)) function(*queue);
}

void make_queue(Walker& walker) {
  const auto runtime = walker.world.runtimes.at(walker.below(walker.world.runtimes.size));
  if (!runtime) return;
  rmq_event_queue_t* made = nullptr;
  const std::int32_t code = walker.call([&](rmq_error_t** error) {
    std::lock_guard host_lock(walker.world.host_mutex);
    return rmq_event_queue_new(runtime->handle->handle, &made, error);
  });
  if ((code == RMQ_OK) != (made != nullptr))
    report_finding("rmq_event_queue_new: code and handle differ");
  if (code != RMQ_OK) return;
  walker.world.queues.put(walker.below(walker.world.queues.size),
                          std::make_shared<Queue>(runtime->handle, made));
}

void drop_queue(Walker& walker) {
  walker.world.queues.put(walker.below(walker.world.queues.size), nullptr);
  walker.note_call();
}

void set_wake_up(Walker& walker) {
  with_queue(walker, [&](Queue& queue) {
    std::lock_guard lock(queue.function_mutex());
    auto function = walker.chance(3)
                        ? nullptr
                        : std::make_unique<HostFunction>(queue.count, walker.world.host_mutex);
    const std::int32_t code = walker.call([&](rmq_error_t** error) {
      return rmq_event_queue_set_wakeup(queue.handle, function ? on_wake_up : nullptr,
                                        function.get(), error);
    });
    // The function before is never called again, so its memory goes now.
    if (code == RMQ_OK) queue.wake_up() = std::move(function);
  });
}

void set_callback(Walker& walker) {
  with_queue(walker, [&](Queue& queue) {
    std::lock_guard lock(queue.function_mutex());
    auto function = walker.chance(4)
                        ? nullptr
                        : std::make_unique<HostFunction>(queue.count, walker.world.host_mutex);
    const std::int32_t code = walker.call([&](rmq_error_t** error) {
      return rmq_event_queue_set_callback(queue.handle, function ? on_event : nullptr,
                                          function.get(),
                                          static_cast<std::int32_t>(walker.below(3)), error);
    });
    if (code == RMQ_OK) queue.callback() = std::move(function);
  });
}

void finish(Walker& walker, Queue& queue, rmq_event_t* event) {
  look_at_event(walker, event, *queue.count);
  if (walker.chance(8)) event = walker.world.taken.keep(event);
  rmq_event_destroy(event);
}

void poll_one(Walker& walker) {
  with_queue(walker, [&](Queue& queue) {
    rmq_event_t* event = nullptr;
    const auto limit = static_cast<std::int64_t>(walker.below(2));
    const std::int32_t code = walker.call(
        [&](rmq_error_t** error) { return take_one(queue.handle, limit, &event, error); });
    if (code != RMQ_OK && event != nullptr) report_finding("a failed poll gave an event");
    if (event != nullptr) finish(walker, queue, event);
  });
}

void poll_many(Walker& walker) {
  with_queue(walker, [&](Queue& queue) {
    std::array<rmq_event_view_t, 16> views;
    std::size_t count = 0;
    const std::size_t wanted = 1 + walker.below(views.size());
    walker.call([&](rmq_error_t** error) {
      return rmq_event_queue_poll(queue.handle, 0, views.data(), sizeof views[0], wanted, &count,
                                  error);
    });
    if (count > wanted) report_finding("a poll gave more events than were asked for");
    for (std::size_t i = 0; i < count; ++i) finish(walker, queue, views[i].event);
  });
}

// Waits until somebody closes the runtime: the watchdog does after a while. A poll that does not
// return then is noticed as a call that hangs.
void poll_forever(Walker& walker) {
  with_queue(walker, [&](Queue& queue) {
    const auto runtime = queue.made_on.lock();
    if (!runtime || runtime->is_driven) return;
    walker.set_awaited(runtime);
    rmq_event_t* event = nullptr;
    walker.call([&](rmq_error_t** error) {
      return take_one(queue.handle, RMQ_WAIT_FOREVER, &event, error);
    });
    walker.set_awaited(nullptr);
    if (event != nullptr) finish(walker, queue, event);
  });
}

void interrupt(Walker& walker) {
  with_queue(walker, [&](Queue& queue) { rmq_event_queue_interrupt(queue.handle); });
  walker.note_call();
}

void watch_descriptor(Walker& walker) {
  with_queue(walker, [&](Queue& queue) {
    pollfd watched{.fd = rmq_event_queue_fd(queue.handle), .events = POLLIN, .revents = 0};
    if (watched.fd < 0) return;
    if (::poll(&watched, 1, 0) > 0 && (watched.revents & POLLNVAL) != 0) {
      report_finding("the descriptor of a queue is not open");
    }
  });
  walker.note_call();
}

void read_length(Walker& walker) {
  with_queue(walker, [&](Queue& queue) {
    std::lock_guard host_lock(walker.world.host_mutex);
    rmq_event_queue_length(queue.handle);
    rmq_event_queue_dropped(queue.handle);
  });
  walker.note_call();
}

}  // namespace

void add_queue_actions(std::vector<Action>& actions) {
  actions.push_back({"event_queue_new", 12, make_queue});
  actions.push_back({"event_queue_destroy", 5, drop_queue});
  actions.push_back({"event_queue_set_wakeup", 12, set_wake_up});
  actions.push_back({"event_queue_set_callback", 8, set_callback});
  actions.push_back({"event_queue_poll", 200, poll_one});
  actions.push_back({"event_queue_poll_batch", 200, poll_many});
  actions.push_back({"event_queue_poll without limit", 1, poll_forever});
  actions.push_back({"event_queue_interrupt", 20, interrupt});
  actions.push_back({"event_queue_fd", 20, watch_descriptor});
  actions.push_back({"event_queue_length", 20, read_length});
}

}  // namespace rmq::walk
