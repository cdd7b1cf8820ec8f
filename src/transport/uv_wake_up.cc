#include "transport/uv_wake_up.h"

#include "transport/uv_loop.h"

namespace rmq::transport {

std::unique_ptr<UvWakeUp> UvWakeUp::make(UvLoop& loop, WakeUpHandler& handler) {
  std::unique_ptr<UvWakeUp> made(new UvWakeUp(loop, handler));
  auto block = std::make_unique<UvHandleBlock<uv_async_t>>();
  if (uv_async_init(loop.uv(), block->get(), on_async) != 0) return nullptr;
  block->adopt(made.get());
  made->block_ = std::move(block);
  loop.note_change();  // the first of them makes libuv watch a descriptor
  return made;
}

UvWakeUp::~UvWakeUp() {
  lower();
  close_block(std::move(block_));
}

bool UvWakeUp::lower() {
  if (!pending_.exchange(false, std::memory_order_acq_rel)) return false;
  loop_.count_raised(-1);
  return true;
}

void UvWakeUp::wake() {
  // A read-modify-write even when it is raised already: what the caller did before is then visible
  // to the wake-up that is under way.
  if (pending_.exchange(true, std::memory_order_acq_rel)) return;
  loop_.count_raised(1);
  // Read before, because a loop that was told to stop may be gone afterwards.
  LoopSleeper* sleeper = loop_.sleeper();
  if (block_ && loop_.can_be_woken()) uv_async_send(block_->get());
  if (sleeper) sleeper->on_loop_woken();
}

void UvWakeUp::run_if_pending() {
  if (!lower()) return;
  loop_.enter_callback([this] { handler_.on_wake_up(); });
}

void UvWakeUp::on_async(uv_async_t* handle) {
  auto* self = static_cast<UvWakeUp*>(block_of(reinterpret_cast<uv_handle_t*>(handle))->owner);
  if (self == nullptr) return;
  // Lowered first: whoever raises it from now on wants another call.
  self->lower();
  self->loop_.enter_callback([self] { self->handler_.on_wake_up(); });
}

}  // namespace rmq::transport
