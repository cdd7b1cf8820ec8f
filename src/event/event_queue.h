// Where events wait for the user. One list, three doors: poll (blocking or not), a descriptor that
// is readable while a poll would not wait, or a wake-up function. Any thread. No function of the
// host is called with a lock held.
//
// The user's handle and every sender of events own it jointly. Events of operations are never
// refused (they hold a Budget); log events are dropped beyond a bound and counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/instant.h"
#include "base/mutex.h"
#include "event/event.h"
#include "event/host_wake_up.h"
#include "event/poll_gate.h"

namespace rmq::event {

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

  // Ends the wait of every poll that waits now; when there is none, the next poll that finds no
  // event is interrupted. Takes no lock: a signal handler may call it, if the wake-up function may
  // run in one.
  void interrupt() noexcept;
  // The runtime is closed: nothing more will come, and a poll of the empty queue says so instead of
  // waiting.
  void finish();
  // The user gave the queue up: what is on it and what still comes is destroyed at once. Takes the
  // wake-up function away, as set_wake_up does.
  void abandon();
  bool is_abandoned() const;

  // Made at first use; -1 when the system has none left or a wake-up function is set.
  int descriptor();
  // The wake-up belongs to the host or to a dispatcher; mutex_ decides to which. A dispatched queue
  // keeps its function until end_dispatch().
  //
  // The host's function; null takes it away. When it returns, the former function neither runs nor
  // will run, unless it is called inside that function. False: the queue is dispatched.
  bool set_wake_up(WakeUpFunction function, void* user_data);
  // From now on a dispatcher takes the events, and nobody else may. Does not wait and calls
  // nothing. False: another function is set or being set, or one is just being taken away.
  [[nodiscard]] bool begin_dispatch(WakeUpFunction function, void* dispatcher);
  void end_dispatch() noexcept;
  bool is_dispatched() const { return dispatched_.load(std::memory_order_relaxed); }
  // Returns when no wake-up function runs. A host's function that took itself away may still run
  // after begin_dispatch(). Inside a wake-up function it does not wait.
  void wait_for_former_wake_up() noexcept { wake_up_.wait_for_former(); }

  std::size_t size() const;
  // Counts an event that was not made because too many of its kind wait already.
  void note_dropped() noexcept { dropped_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  PollEnd take_some(std::span<Event*> events, base::Duration wait, std::size_t* count);
  // Nothing: there is an event. Lets go of the mutex while it waits.
  std::optional<PollEnd> wait_for_event(base::Duration wait) RMQ_REQUIRES(mutex_);
  std::optional<PollEnd> wait_inside(base::Instant deadline) RMQ_REQUIRES(mutex_);
  void take_from_list(std::span<Event*> events, std::size_t* count) RMQ_REQUIRES(mutex_);
  static void destroy_unseen(EventList& events) noexcept;

  // The descriptor is written when a poll stops having to wait, and read when the next one has to.
  bool is_ready() const RMQ_REQUIRES(mutex_);  // a poll would not wait
  bool uses_descriptor() const { return descriptor_.load() >= 0 && !wake_up_.is_set(); }
  void mark_readable() noexcept;
  void clear_readable() RMQ_REQUIRES(mutex_);
  void forget_late_interrupts() RMQ_REQUIRES(mutex_);

  const std::size_t log_events_max_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> dispatched_{false};  // written with mutex_ held
  std::atomic<int> descriptor_{-1};
  // How often interrupt() has written to the descriptor: it may do so after the interrupt was
  // taken.
  std::atomic<std::uint32_t> interrupt_writes_{0};
  PollGate gate_;
  HostWakeUp wake_up_;

  mutable base::Mutex mutex_;
  EventList list_ RMQ_GUARDED_BY(mutex_);
  std::size_t log_events_ RMQ_GUARDED_BY(mutex_) = 0;  // on list_
  bool finished_ RMQ_GUARDED_BY(mutex_) = false;
  bool abandoned_ RMQ_GUARDED_BY(mutex_) = false;
  int wake_ups_being_set_ RMQ_GUARDED_BY(mutex_) = 0;  // by the host, who may wait meanwhile
  std::uint32_t interrupt_writes_read_ RMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace rmq::event
