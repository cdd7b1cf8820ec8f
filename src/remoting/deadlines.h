// All deadlines of one loop behind one timer.
#pragma once

#include <memory>

#include "base/deadline_queue.h"
#include "transport/loop.h"

namespace rmq::remoting {

class Deadline;

class DeadlineHandler {
 public:
  // The deadline has left the queue. It may be set again, and anything but the Deadlines may be
  // destroyed from here.
  virtual void on_deadline(Deadline& deadline) = 0;

 protected:
  ~DeadlineHandler() = default;
};

// One deadline of whoever holds it. Must be cleared before it is destroyed.
class Deadline : public base::DeadlineEntry {
 public:
  Deadline() = default;
  explicit Deadline(DeadlineHandler& handler) : handler_(&handler) {}

 private:
  friend class Deadlines;
  friend class Connection;
  DeadlineHandler* handler_ = nullptr;
};

// Keeps the deadlines of requests (waiting and outstanding alike) and connections. One per loop,
// owned beside it, outlives every connection. The timer is armed for the earliest deadline seen,
// and left alone when that deadline is removed. So it costs a timer call per timeout period instead
// of per request, and an idle wake-up at most that often.
class Deadlines final : private transport::TimerHandler {
 public:
  explicit Deadlines(transport::Loop& loop);

  // Replaces an earlier due time; kNever only clears. A due time in the past calls in the next
  // turn, never from here.
  void set(Deadline& deadline, base::Instant due) noexcept;
  void clear(Deadline& deadline) noexcept { queue_.remove(deadline); }
  std::size_t size() const { return queue_.size(); }

 private:
  void on_timer() override;

  base::DeadlineQueue queue_;
  std::unique_ptr<transport::Timer> timer_;
  transport::Loop& loop_;
  base::Instant armed_ = base::kNever;
};

}  // namespace rmq::remoting
