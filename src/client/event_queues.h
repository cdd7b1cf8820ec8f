// The event queues of one runtime, from their making to the runtime's end, which finishes all of
// them. No queue is made afterwards, so no poll waits for a runtime that is gone. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "event/event_queue.h"

namespace rmq::client {

class EventQueues {
 public:
  explicit EventQueues(std::size_t log_events_max) : log_events_max_(log_events_max) {}

  // CLOSED once finish_all() was called.
  base::Result<std::shared_ptr<event::EventQueue>> make();
  // The user gave this one up.
  void forget(const event::EventQueue& queue);
  // Needs no memory. Calls wake-up functions.
  void finish_all() noexcept;

 private:
  using List = std::vector<std::shared_ptr<event::EventQueue>>;

  const std::size_t log_events_max_;
  base::Mutex mutex_;
  List queues_ RMQ_GUARDED_BY(mutex_);
  bool is_finished_ RMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace rmq::client
