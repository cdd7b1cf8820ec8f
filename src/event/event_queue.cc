#include "event/event_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace rmq::event {

using Clock = std::chrono::steady_clock;

EventQueue::~EventQueue() {
  while (Event* event = list_.pop_front()) {
    event->release_held();
    event->destroy();
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

void EventQueue::push(EventList& events) {
  if (events.empty()) return;
  Lock lock(mutex_);
  if (abandoned_) {
    lock.unlock();
    while (Event* event = events.pop_front()) {
      event->release_held();
      event->destroy();
    }
    return;
  }
  list_.append(events);
  announce(std::move(lock));
}

void EventQueue::push(Event* event) {
  EventList one;
  one.push_back(event);
  push(one);
}

void EventQueue::push_log(Event* event) {
  Lock lock(mutex_);
  if (abandoned_ || finished_ || log_events_ >= log_events_max_) {
    lock.unlock();
    dropped_.fetch_add(1, std::memory_order_relaxed);
    event->destroy();
    return;
  }
  ++log_events_;
  list_.push_back(event);
  announce(std::move(lock));
}

void EventQueue::announce(Lock lock) {
  mark_readable();
  const bool notify = waiting_ > 0;
  WakeUpFunction wake_up = wake_up_;
  void* user_data = wake_up_user_data_;
  lock.unlock();
  if (notify) arrived_.notify_one();
  // Outside the lock: the host may hold a lock of its own here and in its polls.
  if (wake_up) wake_up(user_data);
}

void EventQueue::mark_readable() {
  if (readable_ || descriptor_ < 0 || wake_up_) return;
  readable_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(descriptor_, &one, sizeof one);
}

void EventQueue::clear_readable() {
  if (!readable_ || descriptor_ < 0) return;
  readable_ = false;
  std::uint64_t value = 0;
  [[maybe_unused]] ssize_t read = ::read(descriptor_, &value, sizeof value);
}

EventQueue::PollEnd EventQueue::poll(std::span<Event*> events, base::Duration wait,
                                     std::size_t* count) {
  const bool waits = wait > base::Duration::zero();
  const bool has_limit = waits && wait != kForever;
  const auto started = has_limit ? Clock::now() : Clock::time_point();
  for (;;) {
    std::size_t taken = 0;
    *count = 0;
    const PollEnd end = take_some(events, wait, &taken);
    for (std::size_t i = 0; i < taken; ++i) {
      events[i]->release_held();
      Event* event = std::exchange(events[i], nullptr);
      if (event->take()) {
        events[(*count)++] = event;
      } else {
        event->destroy();
      }
    }
    // What was withdrawn was never there: look again.
    if (end != PollEnd::events || *count > 0) return end;
    if (has_limit) wait = std::max(wait - (Clock::now() - started), base::Duration::zero());
  }
}

EventQueue::PollEnd EventQueue::take_some(std::span<Event*> events, base::Duration wait,
                                          std::size_t* count) {
  if (events.empty()) return PollEnd::timeout;
  Lock lock(mutex_);
  if (list_.empty() && wait > base::Duration::zero()) {
    if (std::exchange(interrupt_next_, false)) return PollEnd::interrupted;
    const std::uint64_t interrupts = interrupts_;
    const auto ready = [&] { return !list_.empty() || finished_ || interrupts_ != interrupts; };
    ++waiting_;
    if (wait == kForever) {
      arrived_.wait(lock, ready);
    } else {
      arrived_.wait_until(lock, Clock::now() + wait, ready);
    }
    --waiting_;
    if (list_.empty() && interrupts_ != interrupts) return PollEnd::interrupted;
  }
  if (list_.empty()) return finished_ ? PollEnd::finished : PollEnd::timeout;

  while (*count < events.size()) {
    Event* event = list_.pop_front();
    if (!event) break;
    if (event->type() == EventType::log) --log_events_;
    events[(*count)++] = event;
  }
  if (list_.empty()) clear_readable();
  const bool left = !list_.empty();
  const bool notify = left && waiting_ > 0;
  WakeUpFunction wake_up = left ? wake_up_ : nullptr;
  void* user_data = wake_up_user_data_;
  lock.unlock();
  if (notify) arrived_.notify_one();
  if (wake_up) wake_up(user_data);
  return PollEnd::events;
}

void EventQueue::discard_withdrawn() noexcept {
  EventList withdrawn;
  {
    Lock lock(mutex_);
    EventList kept;
    while (Event* event = list_.pop_front())
      (event->is_withdrawn() ? withdrawn : kept).push_back(event);
    list_.append(kept);
    if (list_.empty()) clear_readable();
  }
  while (Event* event = withdrawn.pop_front()) {
    event->release_held();
    event->destroy();
  }
}

void EventQueue::interrupt() {
  Lock lock(mutex_);
  if (waiting_ == 0) {
    interrupt_next_ = true;
    return;
  }
  ++interrupts_;
  lock.unlock();
  arrived_.notify_all();
}

void EventQueue::finish() {
  Lock lock(mutex_);
  finished_ = true;
  WakeUpFunction wake_up = wake_up_;
  void* user_data = wake_up_user_data_;
  lock.unlock();
  arrived_.notify_all();
  if (wake_up) wake_up(user_data);
}

void EventQueue::abandon() {
  Lock lock(mutex_);
  abandoned_ = true;
  finished_ = true;
  wake_up_ = nullptr;
  EventList left;
  left.append(list_);
  log_events_ = 0;
  clear_readable();
  lock.unlock();
  arrived_.notify_all();
  while (Event* event = left.pop_front()) {
    event->release_held();
    event->destroy();
  }
}

bool EventQueue::is_abandoned() const {
  Lock lock(mutex_);
  return abandoned_;
}

int EventQueue::descriptor() {
  Lock lock(mutex_);
  if (wake_up_) return -1;
  if (descriptor_ < 0) {
    descriptor_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!list_.empty()) mark_readable();
  }
  return descriptor_;
}

void EventQueue::set_wake_up(WakeUpFunction function, void* user_data) {
  Lock lock(mutex_);
  wake_up_ = function;
  wake_up_user_data_ = user_data;
  if (function) clear_readable();
  const bool pending = !list_.empty();
  if (!function && pending) mark_readable();
  lock.unlock();
  if (function && pending) function(user_data);
}

bool EventQueue::has_wake_up() const {
  Lock lock(mutex_);
  return wake_up_ != nullptr;
}

std::size_t EventQueue::size() const {
  Lock lock(mutex_);
  return list_.size();
}

}  // namespace rmq::event
