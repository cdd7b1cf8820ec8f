#include "event/event_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <utility>

namespace rmq::event {

namespace {

base::Instant read_clock() {
  return base::Instant(std::chrono::duration_cast<base::Duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

base::Instant deadline_after(base::Duration wait) {
  const base::Instant now = read_clock();
  return wait < base::kNever - now ? now + wait : base::kNever;
}

}  // namespace

EventQueue::~EventQueue() {
  const int descriptor = descriptor_.load();
  if (descriptor >= 0) ::close(descriptor);
  base::MutexLock lock(mutex_);
  destroy_unseen(list_);
}

void EventQueue::destroy_unseen(EventList& events) noexcept {
  while (Event* event = events.pop_front()) {
    event->release_held();
    event->destroy();
  }
}

void EventQueue::push(EventList& events) {
  if (events.empty()) return;
  {
    base::MutexLock lock(mutex_);
    if (abandoned_) {
      lock.unlock();
      destroy_unseen(events);
      return;
    }
    assert(!finished_ && "an event after the end");
    if (list_.empty()) mark_readable();
    list_.append(events);
  }
  gate_.tell_one();
  wake_up_.call();
}

void EventQueue::push(Event* event) {
  EventList one;
  one.push_back(event);
  push(one);
}

void EventQueue::push_log(Event* event) {
  {
    base::MutexLock lock(mutex_);
    if (abandoned_ || finished_ || log_events_ >= log_events_max_) {
      lock.unlock();
      dropped_.fetch_add(1, std::memory_order_relaxed);
      event->destroy();
      return;
    }
    if (list_.empty()) mark_readable();
    ++log_events_;
    list_.push_back(event);
  }
  gate_.tell_one();
  wake_up_.call();
}

EventQueue::PollEnd EventQueue::poll(std::span<Event*> events, base::Duration wait,
                                     std::size_t* count) {
  const bool has_limit = wait > base::Duration::zero() && wait != kForever;
  const base::Instant started = has_limit ? read_clock() : base::Instant();
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
    // When all of the events were withdrawn, the poll goes on as if they had never been there.
    if (end != PollEnd::events || *count > 0) return end;
    if (has_limit) wait = std::max(wait - (read_clock() - started), base::Duration::zero());
  }
}

EventQueue::PollEnd EventQueue::take_some(std::span<Event*> events, base::Duration wait,
                                          std::size_t* count) {
  if (events.empty()) return PollEnd::timeout;
  bool is_left = false;
  {
    base::MutexLock lock(mutex_);
    if (list_.empty()) {
      if (const std::optional<PollEnd> end = wait_for_event(wait)) return *end;
    }
    take_from_list(events, count);
    is_left = !list_.empty();
    if (!is_left) clear_readable();
  }
  if (is_left) {
    gate_.tell_one();
    wake_up_.call();
  }
  return PollEnd::events;
}

std::optional<EventQueue::PollEnd> EventQueue::wait_for_event(base::Duration wait) {
  if (gate_.take_kept_interrupt()) {
    clear_readable();
    return PollEnd::interrupted;
  }
  if (finished_) return PollEnd::finished;
  forget_late_interrupts();
  if (wait <= base::Duration::zero()) return PollEnd::timeout;
  return wait_inside(wait == kForever ? base::kNever : deadline_after(wait));
}

std::optional<EventQueue::PollEnd> EventQueue::wait_inside(base::Instant deadline) {
  const std::optional<PollGate::Stay> stay = gate_.enter();
  if (!stay) {
    clear_readable();
    return PollEnd::interrupted;
  }
  for (bool is_late = false;;) {
    const std::uint32_t news = gate_.news();
    if (is_late || is_ready() || gate_.is_interrupted(*stay)) break;
    mutex_.unlock();
    is_late = !gate_.wait(news, deadline);
    mutex_.lock();
  }
  const bool is_interrupted = gate_.leave(*stay);
  if (!list_.empty()) return std::nullopt;
  if (is_interrupted) return PollEnd::interrupted;
  return finished_ ? PollEnd::finished : PollEnd::timeout;
}

void EventQueue::take_from_list(std::span<Event*> events, std::size_t* count) {
  while (*count < events.size()) {
    Event* event = list_.pop_front();
    if (!event) return;
    if (event->type() == EventType::log) {
      assert(log_events_ > 0);
      --log_events_;
    }
    events[(*count)++] = event;
  }
}

void EventQueue::discard_withdrawn() noexcept {
  EventList withdrawn;
  {
    base::MutexLock lock(mutex_);
    EventList kept;
    while (Event* event = list_.pop_front())
      (event->is_withdrawn() ? withdrawn : kept).push_back(event);
    list_.append(kept);
    if (list_.empty() && !withdrawn.empty()) clear_readable();
  }
  destroy_unseen(withdrawn);
}

void EventQueue::interrupt() noexcept {
  if (is_dispatched()) return;  // nobody polls, and the dispatcher's wake-up takes a lock
  const int errno_before = errno;
  if (gate_.interrupt()) {
    if (uses_descriptor()) {
      mark_readable();
      interrupt_writes_.fetch_add(1);
    }
    wake_up_.call();
  }
  errno = errno_before;
}

void EventQueue::finish() {
  {
    base::MutexLock lock(mutex_);
    finished_ = true;
    mark_readable();
  }
  gate_.tell_all();
  wake_up_.call();
}

void EventQueue::abandon() {
  EventList left;
  {
    base::MutexLock lock(mutex_);
    abandoned_ = true;
    finished_ = true;
    left.append(list_);
    log_events_ = 0;
    mark_readable();
  }
  wake_up_.set(nullptr);
  gate_.tell_all();
  destroy_unseen(left);
}

bool EventQueue::is_abandoned() const {
  base::MutexLock lock(mutex_);
  return abandoned_;
}

bool EventQueue::is_ready() const {
  return !list_.empty() || finished_ || gate_.has_kept_interrupt();
}

void EventQueue::mark_readable() noexcept {
  if (!uses_descriptor()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(descriptor_.load(), &one, sizeof one);
}

void EventQueue::clear_readable() {
  const int descriptor = descriptor_.load();
  if (descriptor < 0) return;
  interrupt_writes_read_ = interrupt_writes_.load();
  std::uint64_t value = 0;
  [[maybe_unused]] const ssize_t read = ::read(descriptor, &value, sizeof value);
  // The end lasts, and an interrupt may have come since.
  if (is_ready()) mark_readable();
}

// An interrupt that was taken before interrupt() could write has left the descriptor readable.
void EventQueue::forget_late_interrupts() {
  if (interrupt_writes_read_ != interrupt_writes_.load()) clear_readable();
}

int EventQueue::descriptor() {
  base::MutexLock lock(mutex_);
  if (wake_up_.is_set()) return -1;
  if (descriptor_.load() < 0) {
    descriptor_.store(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (is_ready()) mark_readable();
  }
  return descriptor_.load();
}

bool EventQueue::set_wake_up(WakeUpFunction function, void* user_data) {
  auto fresh = HostWakeUp::make(function, user_data);
  {
    base::MutexLock lock(mutex_);
    if (is_dispatched()) return false;
    ++wake_ups_being_set_;
  }
  wake_up_.set(std::move(fresh));
  bool is_due = false;
  {
    base::MutexLock lock(mutex_);
    --wake_ups_being_set_;
    is_due = is_ready();
    // While a function is set, this only reads; otherwise it leaves the descriptor as it has to be.
    clear_readable();
  }
  if (is_due) wake_up_.call();
  return true;
}

bool EventQueue::begin_dispatch(WakeUpFunction function, void* dispatcher) {
  auto fresh = HostWakeUp::make(function, dispatcher);
  base::MutexLock lock(mutex_);
  if (is_dispatched() || wake_ups_being_set_ > 0 || wake_up_.is_set()) return false;
  dispatched_.store(true);  // before an interrupt can find the function
  wake_up_.set_first(std::move(fresh));
  clear_readable();
  return true;
}

void EventQueue::end_dispatch() noexcept {
  wake_up_.set(nullptr);
  base::MutexLock lock(mutex_);
  dispatched_.store(false);
  clear_readable();
}

std::size_t EventQueue::size() const {
  base::MutexLock lock(mutex_);
  return list_.size();
}

}  // namespace rmq::event
