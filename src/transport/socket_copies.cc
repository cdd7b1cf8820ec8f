#include "transport/socket_copies.h"

#include <unistd.h>

#include <new>

namespace rmq::transport {

SocketCopies::~SocketCopies() {
  for (Chunk* next = first_.next.load(); next != nullptr;) {
    const std::unique_ptr<Chunk> chunk(next);
    next = chunk->next.load();
  }
}

template <typename Visit>
bool SocketCopies::find_place(int descriptor, Visit visit) noexcept {
  for (Chunk* chunk = &first_; chunk != nullptr; chunk = chunk->next.load()) {
    for (std::atomic<int>& place : chunk->descriptors) {
      if (place.load() != descriptor) continue;
      visit(place);
      return true;
    }
  }
  return false;
}

void SocketCopies::add(int descriptor) noexcept {
  const auto take = [descriptor](std::atomic<int>& place) { place.store(descriptor); };
  if (descriptor < 0 || find_place(kFree, take)) return;
  auto* more = new (std::nothrow) Chunk;
  if (more == nullptr) return;
  take(more->descriptors[0]);
  Chunk* last = &first_;
  while (Chunk* next = last->next.load()) last = next;
  last->next.store(more);
}

void SocketCopies::remove(int descriptor) noexcept {
  if (descriptor < 0) return;
  find_place(descriptor, [](std::atomic<int>& place) { place.store(kFree); });
}

void SocketCopies::close_all() noexcept {
  for (Chunk* chunk = &first_; chunk != nullptr; chunk = chunk->next.load()) {
    for (std::atomic<int>& place : chunk->descriptors) {
      const int descriptor = place.exchange(kFree);
      if (descriptor >= 0) ::close(descriptor);
    }
  }
}

}  // namespace rmq::transport
