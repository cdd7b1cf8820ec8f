#include "base/slab.h"

#include <cassert>
#include <cstdlib>
#include <new>

#include "base/large_memory.h"

namespace rmq::base {

SlabRef SlabRef::allocate(std::size_t capacity) {
  void* block = ::operator new(sizeof(Slab) + capacity);
  SlabRef ref;
  ref.slab_ = new (block) Slab(capacity);
  return ref;
}

void SlabRef::reset() noexcept {
  Slab* slab = std::exchange(slab_, nullptr);
  if (!slab) return;
  const std::size_t before = slab->references_.fetch_sub(1, std::memory_order_acq_rel);
  assert(before > 0);
  if (before != 1) return;
  const std::size_t capacity = slab->capacity();
  slab->~Slab();
  release_memory(slab, capacity, [](void* block) { ::operator delete(block); });
}

}  // namespace rmq::base
