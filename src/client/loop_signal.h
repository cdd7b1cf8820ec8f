// A word to an object's loop part, from any thread or from the loop to itself, that needs no memory
// and keeps the object alive while it is on its way. Said again before it arrived, it is said once.
#pragma once

#include <atomic>
#include <memory>

#include "client/client_core.h"

namespace rmq::client {

template <typename Owner>
class LoopSignal final : public base::InboxItem {
 public:
  explicit LoopSignal(void (Owner::*action)()) : action_(action) {}

  // False: the core is closed. Any thread.
  bool post(ClientCore& core, std::shared_ptr<Owner> owner) noexcept {
    if (is_posted_.exchange(true)) return true;
    owner_ = std::move(owner);
    if (core.post(*this)) return true;
    is_posted_ = false;
    owner_.reset();
    return false;
  }

  void run_on_loop() noexcept override {
    const std::shared_ptr<Owner> owner = std::move(owner_);
    is_posted_ = false;
    (*owner.*action_)();
  }

 private:
  void (Owner::*const action_)();
  std::atomic<bool> is_posted_{false};
  std::shared_ptr<Owner> owner_;  // while posted
};

}  // namespace rmq::client
