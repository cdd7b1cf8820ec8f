// Makes the loop call one method of `Owner`. Any thread; allocates nothing, and keeps the owner
// alive until then. Posting again before the call has no effect.
#pragma once

#include <atomic>
#include <memory>

#include "client/client_core.h"

namespace rmq::client {

template <typename Owner>
class LoopSignal final : public base::InboxItem {
 public:
  explicit LoopSignal(void (Owner::*action)()) : action_(action) {}

  // False: the core is closed, and the method is not called. Beside another post it may be true
  // for a closed core: that one is then told.
  bool post(ClientCore& core, std::shared_ptr<Owner> owner) noexcept {
    if (is_posted_.exchange(true)) return true;
    owner_ = std::move(owner);
    if (core.post(*this)) return true;
    owner_.reset();  // before another thread may post, and set it
    is_posted_ = false;
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
