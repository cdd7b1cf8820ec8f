// A wake-up on uv_async. Our own flag keeps wake() to one atomic while a wake-up is pending.
#pragma once

#include <atomic>
#include <memory>

#include "transport/loop.h"
#include "transport/uv_handle.h"

namespace rmq::transport {

class UvLoop;

class UvWakeUp final : public WakeUp, private UvOwner {
 public:
  // Null when libuv has no descriptor left for it.
  static std::unique_ptr<UvWakeUp> make(UvLoop& loop, WakeUpHandler& handler);
  ~UvWakeUp() override;

  void wake() override;  // any thread, until the destructor or UvLoop::close starts

 private:
  UvWakeUp(UvLoop& loop, WakeUpHandler& handler) : loop_(loop), handler_(handler) {}
  void on_loop_closing() override { close_block(std::move(block_)); }
  void on_turn_without_kernel() override { run_if_pending(); }
  void run_if_pending();
  bool lower();  // false: it was not raised
  static void on_async(uv_async_t* handle);

  UvLoop& loop_;
  WakeUpHandler& handler_;
  std::atomic<bool> pending_{false};
  std::unique_ptr<UvHandleBlock<uv_async_t>> block_;
};

}  // namespace rmq::transport
