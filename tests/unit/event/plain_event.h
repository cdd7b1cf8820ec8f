// An event that is nothing but an event.
#pragma once

#include "event/event.h"

namespace rmq::event {

class PlainEvent final : public Event {
 public:
  PlainEvent() : Event(EventType::flushed, 0, nullptr) {}
  void destroy() noexcept override { delete this; }

 private:
  ~PlainEvent() override = default;
};

}  // namespace rmq::event
