#include "tests/property/watched_queue.h"

#include <utility>

namespace rmq::sim {
namespace {

constexpr std::size_t kEventsPerPoll = 16;

}  // namespace

WatchedQueue::WatchedQueue(World& world, std::uint64_t seed,
                           std::shared_ptr<event::EventQueue> queue, OnEvent on_event)
    : world_(world), draw_(seed), queue_(std::move(queue)), on_event_(std::move(on_event)) {
  queue_->set_wake_up(&WatchedQueue::wake_up, this);
}

WatchedQueue::~WatchedQueue() { queue_->set_wake_up(nullptr, nullptr); }

void WatchedQueue::wake_up(void* user_data) {
  auto* self = static_cast<WatchedQueue*>(user_data);
  if (self->is_over()) self->world_.mistake("a wake-up after the end of a queue");
  if (self->is_poll_due_) return;
  self->is_poll_due_ = true;
  self->world_.after(self->draw_.between(base::Duration{0}, self->poll_delay_max_), [self] {
    self->is_poll_due_ = false;
    self->poll();
  });
}

void WatchedQueue::poll() {
  if (is_given_up_) return;
  event::Event* events[kEventsPerPoll];
  for (;;) {
    std::size_t count = 0;
    const auto end = queue_->poll(events, base::Duration::zero(), &count);
    if (end == event::EventQueue::PollEnd::finished) has_ended_ = true;
    if (end != event::EventQueue::PollEnd::events) return;
    if (has_ended_) world_.mistake("an event after the end of a queue");
    for (std::size_t i = 0; i < count; ++i) on_event_(events[i]);
  }
}

void WatchedQueue::look() {
  if (!is_given_up_ && !is_poll_due_ && queue_->size() > 0) {
    world_.mistake("an event waits in a queue, and nobody was woken");
  }
}

}  // namespace rmq::sim
