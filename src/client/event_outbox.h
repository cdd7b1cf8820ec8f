// Collects the events that one loop turn makes, so that a queue is locked and its poller woken once
// a turn. Loop thread only.
#pragma once

#include <memory>
#include <utility>

#include "event/event_queue.h"

namespace rmq::client {

class EventOutbox {
 public:
  // True when something waits for flush() that did not before.
  bool add(const std::shared_ptr<event::EventQueue>& queue, event::Event* event) noexcept {
    if (queue_ != queue) {
      flush();
      queue_ = queue;
    }
    events_.push_back(event);
    return events_.size() == 1;
  }

  void flush() noexcept {
    if (events_.empty()) return;
    const std::shared_ptr<event::EventQueue> queue = std::exchange(queue_, nullptr);
    queue->push(events_);
  }

 private:
  std::shared_ptr<event::EventQueue> queue_;
  event::EventList events_;
};

}  // namespace rmq::client
