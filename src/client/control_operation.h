// A flush or a close on its way to the loop and back. It ends as the user's event, or wakes a
// blocking caller, or is not told at all. Owner: the calling thread until posted, then the loop
// until it is completed.
#pragma once

#include <functional>
#include <memory>

#include "base/inbox.h"
#include "base/intrusive_list.h"
#include "client/client_core.h"
#include "event/event.h"
#include "event/waiter.h"

namespace rmq::client {

class ControlOperation final : public event::Event,
                               public base::InboxItem,
                               public base::ListNode<ControlOperation> {
 public:
  // Runs on the loop once the operation got there.
  using Begin = std::function<void(ControlOperation&)>;

  ControlOperation(event::EventType type, std::uint64_t token, void* user_data, Begin begin)
      : Event(type, token, user_data), begin_(std::move(begin)) {}

  // Where the end is told; at most one of the two.
  void set_queue(std::shared_ptr<event::EventQueue> queue) { queue_ = std::move(queue); }
  void set_waiter(event::Waiter* waiter) { waiter_ = waiter; }

  base::Instant deadline = base::kNever;
  std::uint64_t sequence = 0;  // for its owner's use

  void run_on_loop() noexcept override { begin_(*this); }
  void destroy() noexcept override { delete this; }

  // Loop thread, one of the two, once; the operation is not the loop's any more afterwards.
  void complete(ClientCore& core) noexcept {
    set_ok();
    end(core);
  }
  void fail(ClientCore& core, base::Error error) noexcept {
    set_error(std::move(error));
    end(core);
  }
  // Some of what was to end before did not: "<left> <what>".
  void fail_with_rest(ClientCore& core, base::ErrorCode code, std::size_t left, const char* what,
                      const char* hint) noexcept;

 private:
  ~ControlOperation() override = default;

  void end(ClientCore& core) noexcept {
    begin_ = nullptr;  // lets go of what it captured
    if (waiter_) {
      core.flush_events();  // Whoever has waited finds the events of what ended before.
      if (!waiter_->finish(*this, core.woken_callers())) destroy();
    } else if (queue_) {
      const std::shared_ptr<event::EventQueue> queue = std::move(queue_);
      core.deliver(queue, this);
    } else {
      destroy();
    }
  }

  Begin begin_;
  std::shared_ptr<event::EventQueue> queue_;
  event::Waiter* waiter_ = nullptr;
};

// Destroys the event of an operation and gives what became of that. Null, because nobody completed
// it in time (a driven runtime that is not stepped): `late`, with `message`.
base::Status take_status(event::Event* event, base::ErrorCode late, const char* message);
// The same, after waiting for what was posted with `waiter`.
base::Status wait_for(event::Waiter* waiter, base::Duration wait, base::ErrorCode late,
                      const char* message);
// What became of a taken event; the event stays its owner's.
base::Status status_of(const event::Event& event);

}  // namespace rmq::client
