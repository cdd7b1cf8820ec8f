// A blocking call whose caller runs the loop. It posts the operation without a system call to wake
// anybody, and runs turns until that has ended. On the caller's stack.
#pragma once

#include "client/client_core.h"
#include "client/surroundings.h"
#include "event/waiter.h"

namespace rmq::client {

class CallerRun final : public transport::LoopRunner::Run {
 public:
  CallerRun(ClientCore& core, base::InboxItem& item, const event::Waiter& waiter,
            base::Instant deadline, const Surroundings& surroundings)
      : core_(core),
        item_(item),
        waiter_(waiter),
        deadline_(deadline),
        surroundings_(surroundings) {}

  // False: the core is closed, and the item stays with the caller.
  bool is_accepted() const { return is_accepted_; }

  void begin() noexcept override { is_accepted_ = core_.post_and_run(item_); }
  bool is_done() noexcept override {
    core_.woken_callers().wake();  // of calls beside this one
    if (!is_accepted_ || waiter_.is_finished()) return true;
    return deadline_ != base::kNever && surroundings_.now() >= deadline_;
  }

 private:
  ClientCore& core_;
  base::InboxItem& item_;
  const event::Waiter& waiter_;
  const base::Instant deadline_;
  const Surroundings& surroundings_;
  bool is_accepted_ = false;
};

}  // namespace rmq::client
