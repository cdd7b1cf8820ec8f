// Where events wait for the user. One list, three doors: poll (blocking or not), a descriptor that
// is readable while the list is non-empty, or a wake-up function. Any thread.
//
// Owned jointly by the user's handle and by whatever sends events here; events of operations are
// never refused (they hold a Budget), log events are dropped beyond a bound and counted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "base/instant.h"
#include "event/event.h"

namespace rmq::event {

using WakeUpFunction = void (*)(void* user_data);

class EventQueue {
 public:
  explicit EventQueue(std::size_t log_events_max) : log_events_max_(log_events_max) {}
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  void push(EventList& events);
  void push(Event* event);
  // Destroys the event and counts it when too many of its kind wait already.
  void push_log(Event* event);

  enum class PollEnd { events, timeout, interrupted, finished };
  // Leaves no pointer in `events` beyond *count. Takes up to events.size() events, waiting up to
  // `wait` (kForever: no limit) for the first. The room that they held is given back.
  PollEnd poll(std::span<Event*> events, base::Duration wait, std::size_t* count);
  static constexpr base::Duration kForever = base::Duration::max();

  // Destroys the waiting events that are withdrawn. The caller has pushed what it withdrew.
  void discard_withdrawn() noexcept;

  void interrupt();
  // The runtime is closed: nothing more will come, and a poll of the empty queue says so instead of
  // waiting.
  void finish();
  // The user gave the queue up: what is on it and what still comes is destroyed at once.
  void abandon();
  bool is_abandoned() const;

  // Made at first use; -1 when the system has none left or a wake-up function is set.
  int descriptor();
  void set_wake_up(WakeUpFunction function, void* user_data);
  bool has_wake_up() const;

  // A dispatcher takes the events of this queue, and nobody else may.
  void give_to_dispatcher() { dispatched_.store(true); }
  bool is_dispatched() const { return dispatched_.load(std::memory_order_relaxed); }

  std::size_t size() const;
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  using Lock = std::unique_lock<std::mutex>;
  void announce(Lock lock);  // after something was added; releases the lock
  PollEnd take_some(std::span<Event*> events, base::Duration wait, std::size_t* count);
  void mark_readable();   // lock held
  void clear_readable();  // lock held

  const std::size_t log_events_max_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> dispatched_{false};

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable arrived_;
  EventList list_;
  std::size_t log_events_ = 0;  // on list_
  int waiting_ = 0;             // threads in poll
  std::uint64_t interrupts_ = 0;
  bool interrupt_next_ = false;  // nobody waited when interrupt was called
  bool finished_ = false;
  bool abandoned_ = false;
  int descriptor_ = -1;
  bool readable_ = false;
  WakeUpFunction wake_up_ = nullptr;
  void* wake_up_user_data_ = nullptr;
};

}  // namespace rmq::event
