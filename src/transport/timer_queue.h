// The armed timers of a loop, by due time. The loop asks when the next one is due and runs those
// that are.
//
// It does not use uv_timer_t, for three reasons. In libuv before 1.45 a timer that is armed for
// "now" inside a timer callback fires again in the same pass, for ever. The unit of uv_timer_t is a
// millisecond. Its memory must outlive it until a close callback.
#pragma once

#include <memory>

#include "base/deadline_queue.h"
#include "transport/loop.h"

namespace rmq::transport {

class TimerQueue {
 public:
  // The timer must be destroyed before the queue.
  std::unique_ptr<Timer> make_timer(TimerHandler& handler);
  // kNever when none is armed.
  base::Instant next_due() const { return armed_.earliest(); }
  // Fires what is due and was armed before this call. Returns how many fired. When one throws, the
  // rest stays armed.
  std::size_t run(base::Instant now);

 private:
  class ArmedTimer;
  base::DeadlineQueue armed_;
};

}  // namespace rmq::transport
