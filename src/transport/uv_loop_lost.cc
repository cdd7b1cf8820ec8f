#include <sys/epoll.h>
#include <uv.h>

#include <thread>

#include "transport/uv_handle.h"
#include "transport/uv_loop.h"

// A host may close descriptors that it does not know, as programs do that become daemons. When the
// epoll set or the wake-up of a loop goes that way, libuv would end the process at its next call.
// So the loop looks before each turn. From then on it runs without libuv. Its streams have failed,
// and new ones fail. Timers and posts of other threads go on, by looking every 10 ms.

namespace rmq::transport {
namespace {

constexpr std::chrono::milliseconds kLookInterval{10};

template <typename Visit>
void visit_owners(uv_loop_t* loop, Visit visit) {
  uv_walk(
      loop,
      [](uv_handle_t* handle, void* data) {
        UvBlock* block = block_of(handle);
        if (block != nullptr && block->owner != nullptr)
          (*static_cast<Visit*>(data))(*block->owner);
      },
      &visit);
}

}  // namespace

bool is_loop_lost(const uv_handle_t* handle) {
  return static_cast<const UvLoop*>(handle->loop->data)->is_lost();
}

// One call tells that both are the former ones. The number of the wake-up is in this epoll set only
// as long as both numbers stand for the same as before. What is set is what libuv has set.
bool UvLoop::is_intact() const {
  if (!is_watching_) return true;
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = uv_->async_io_watcher.fd;
  return epoll_ctl(uv_backend_fd(uv_.get()), EPOLL_CTL_MOD, uv_->async_io_watcher.fd, &wanted) == 0;
}

void UvLoop::turn_without_kernel() noexcept {
  is_lost_ = true;
  refresh_now();
  visit_owners(uv_.get(), [](UvOwner& owner) { owner.on_turn_without_kernel(); });
  if (timers_.next_due() <= now_) {
    enter_callback([this] { timers_.run(now_); });
  }
  run_turn_end();
  now_fresh_ = false;
}

void UvLoop::run_without_kernel() noexcept {
  while (!stop_requested_.exchange(false)) {
    turn_without_kernel();
    std::this_thread::sleep_for(kLookInterval);
  }
}

}  // namespace rmq::transport
