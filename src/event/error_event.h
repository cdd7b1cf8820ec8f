// A background error as an event: what goes wrong beside the calls of the user.
#pragma once

#include <atomic>
#include <cassert>
#include <memory>
#include <utility>

#include "event/event.h"

namespace rmq::event {

// Bounds the background errors of one handle that wait to be taken. Any thread.
class ErrorRoom {
 public:
  static constexpr int kWaitingMax = 32;

  [[nodiscard]] bool enter() noexcept {
    if (waiting_.fetch_add(1, std::memory_order_relaxed) < kWaitingMax) return true;
    leave();
    return false;
  }
  void leave() noexcept {
    [[maybe_unused]] const int before = waiting_.fetch_sub(1, std::memory_order_relaxed);
    assert(before > 0);
  }

 private:
  std::atomic<int> waiting_{0};
};

class ErrorEvent final : public Event {
 public:
  // `room` was entered for this event.
  ErrorEvent(base::Error error, Tag tag, std::shared_ptr<ErrorRoom> room)
      : Event(EventType::error, tag), room_(std::move(room)) {
    set_error(std::move(error));
  }

  void destroy() noexcept override { delete this; }
  bool take() noexcept override {
    leave_room();
    return true;
  }

 private:
  ~ErrorEvent() override { leave_room(); }
  void leave_room() noexcept {
    if (const auto room = std::exchange(room_, nullptr)) room->leave();
  }

  std::shared_ptr<ErrorRoom> room_;
};

}  // namespace rmq::event
