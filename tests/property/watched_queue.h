// An event queue in the hands of a user, who polls it some time after each wake-up, as a busy
// program does. Notes what the library may not do with a queue: leave an event there and wake
// nobody, wake or give anything after the end.
#pragma once

#include <functional>
#include <memory>

#include "event/event_queue.h"
#include "tests/property/world.h"

namespace rmq::sim {

class WatchedQueue {
 public:
  using OnEvent = std::function<void(event::Event*)>;  // the event is the callee's

  WatchedQueue(World& world, std::uint64_t seed, std::shared_ptr<event::EventQueue> queue,
               OnEvent on_event);
  ~WatchedQueue();
  WatchedQueue(const WatchedQueue&) = delete;
  WatchedQueue& operator=(const WatchedQueue&) = delete;

  const std::shared_ptr<event::EventQueue>& queue() const { return queue_; }
  // How long the user may take to look at what has come.
  void set_poll_delay(base::Duration most) { poll_delay_max_ = most; }
  base::Duration poll_delay_max() const { return poll_delay_max_; }
  // Takes all that waits.
  void poll();
  // The queue's handle was destroyed: from now on there is nothing to hear from it.
  void note_given_up() { is_given_up_ = true; }
  // A poll has said that nothing more comes.
  bool has_ended() const { return has_ended_; }
  // The runtime's end has reached it, or its handle is gone.
  bool is_over() const { return has_ended_ || is_given_up_; }
  // At any time between two turns.
  void look();

 private:
  static void wake_up(void* user_data);

  World& world_;
  Draw draw_;
  const std::shared_ptr<event::EventQueue> queue_;
  const OnEvent on_event_;
  base::Duration poll_delay_max_ = base::milliseconds(20);
  bool is_poll_due_ = false;
  bool has_ended_ = false;
  bool is_given_up_ = false;
};

}  // namespace rmq::sim
