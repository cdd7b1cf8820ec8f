// Reference-counted blocks of bytes. A connection reads into a slab. Frames, messages and events
// hold SlabRefs to the slabs that they point into, from any thread. A send has its large frame in a
// slab of its own. The last reference frees the block, as base/large_memory.h says.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace rmq::base {

class SlabRef;

// The header of one malloc'ed block; the bytes follow it. Only SlabRef handles it.
class Slab {
 public:
  std::size_t capacity() const { return capacity_; }
  std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(this + 1); }

 private:
  friend class SlabRef;
  explicit Slab(std::size_t capacity) : capacity_(capacity) {}
  std::atomic<std::size_t> references_{1};
  std::size_t capacity_;
};

class SlabRef {
 public:
  // Throws std::bad_alloc.
  static SlabRef allocate(std::size_t capacity);

  SlabRef() = default;
  SlabRef(const SlabRef& other) : slab_(other.slab_) {
    if (!slab_) return;
    [[maybe_unused]] const std::size_t before =
        slab_->references_.fetch_add(1, std::memory_order_relaxed);
    assert(before > 0);
  }
  SlabRef(SlabRef&& other) noexcept : slab_(std::exchange(other.slab_, nullptr)) {}
  SlabRef& operator=(SlabRef other) noexcept {
    std::swap(slab_, other.slab_);
    return *this;
  }
  ~SlabRef() { reset(); }

  void reset() noexcept;
  explicit operator bool() const { return slab_ != nullptr; }
  Slab* operator->() const { return slab_; }
  // True when nobody else holds the slab, so that its owner may fill it again from the start.
  bool unique() const { return slab_ && slab_->references_.load(std::memory_order_acquire) == 1; }

 private:
  Slab* slab_ = nullptr;
};

}  // namespace rmq::base
