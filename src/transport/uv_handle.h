// The memory of libuv handles. libuv wants a handle's memory until its close callback, while a
// stream of ours may be destroyed inside its own callback. So a handle lives in a block of its own,
// which knows its owner until that owner lets go. Only the uv_*.cc files include this.
#pragma once

#include <uv.h>

#include <memory>
#include <new>

namespace rmq::transport {

// What UvLoop calls on the owners of handles.
class UvOwner {
 public:
  virtual void on_loop_closing() = 0;  // lets go of the handle
  // The loop goes on without its descriptors: asked again and again what can be done without.
  virtual void on_turn_without_kernel() {}

 protected:
  ~UvOwner() = default;
};

struct UvBlock {
  virtual ~UvBlock() = default;
  UvOwner* owner = nullptr;
};

template <typename Handle>
struct UvHandleBlock : UvBlock {
  Handle handle{};
  Handle* get() { return &handle; }
  uv_handle_t* base() { return reinterpret_cast<uv_handle_t*>(&handle); }
  // After a successful uv_*_init.
  void adopt(UvOwner* wanted) {
    owner = wanted;
    handle.data = static_cast<UvBlock*>(this);
  }
};

inline UvBlock* block_of(const uv_handle_t* handle) { return static_cast<UvBlock*>(handle->data); }

inline void free_block(uv_handle_t* handle) { delete block_of(handle); }

// The host has closed the loop's descriptors: libuv must not touch any number of them again.
bool is_loop_lost(const uv_handle_t* handle);

// Gives the block of an initialised handle to libuv, to be freed in the close callback.
template <typename Block>
void close_block(std::unique_ptr<Block> block) {
  if (!block) return;
  block->owner = nullptr;
  Block* left = block.release();
  if (is_loop_lost(left->base())) return;  // libuv still refers to it: better lost than freed
  uv_close(left->base(), free_block);
}

}  // namespace rmq::transport
