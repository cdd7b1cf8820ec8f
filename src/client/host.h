// What a producer or consumer needs of its runtime on the calling thread. Runtime implements it; so
// do tests on simulated time. Any thread. Shared by all that was made on the runtime, so that
// handles may be destroyed in any order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/instant.h"
#include "client/client_core.h"
#include "event/budget.h"
#include "event/waiter.h"

namespace rmq::client {

class Host {
 public:
  virtual ~Host() = default;

  virtual ClientCore& core() = 0;
  virtual base::Instant now() const = 0;  // the clock of core().loop()
  virtual std::int64_t wall_ms() const = 0;
  virtual const std::string& client_id() const = 0;
  // Room for one text of 32 or 56 characters; returns its length. No two calls give the same id.
  // `now_ms`: wall_ms() of now, which callers need for the message too.
  virtual std::size_t make_unique_id(std::int64_t now_ms, char* out) = 0;

  // What all producers of the runtime together may have in flight; null: nothing bounds that.
  virtual event::Budget* common_budget() { return nullptr; }

  // OK while the runtime runs in this process; NOT_STARTED, CLOSING, CLOSED, FORKED otherwise.
  virtual base::Status check_running() const = 0;
  virtual bool is_forked() const = 0;
  // A thread of the user's runs the loop, when it likes to.
  virtual bool is_driven() const = 0;
  // False on the thread that drives the loop: waiting there would wait for itself.
  virtual bool may_block() const = 0;
  // True on a thread that calls the user's callbacks.
  virtual bool is_in_callback() const = 0;

  // Posts what ends by finishing the waiter, and waits for that. Nothing: the core is closed, and
  // the item stays with the caller. The event is null when there is none until `deadline`: see
  // Waiter::wait_until. The call may run the loop on this thread meanwhile.
  using CallEnd = std::optional<event::Event*>;
  virtual CallEnd call(base::InboxItem& item, event::UnsharedWaiter waiter,
                       base::Instant deadline) noexcept {
    if (!core().post(item)) return std::nullopt;
    return waiter.release()->wait(deadline - now());
  }
};

}  // namespace rmq::client
