#include "transport/socket_copies.h"

#include <sys/stat.h>
#include <unistd.h>

#include <new>
#include <optional>

namespace rmq::transport {
namespace {

std::optional<std::uint64_t> inode_of_socket(int descriptor) noexcept {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) return std::nullopt;
  return status.st_ino;
}

}  // namespace

SocketCopies::~SocketCopies() {
  for (Chunk* next = first_.next.load(); next != nullptr;) {
    const std::unique_ptr<Chunk> chunk(next);
    next = chunk->next.load();
  }
}

template <typename Visit>
bool SocketCopies::find_place(int descriptor, Visit visit) noexcept {
  for (Chunk* chunk = &first_; chunk != nullptr; chunk = chunk->next.load()) {
    for (Place& place : chunk->places) {
      if (place.descriptor.load() != descriptor) continue;
      visit(place);
      return true;
    }
  }
  return false;
}

void SocketCopies::add(int descriptor) noexcept {
  const auto inode = inode_of_socket(descriptor);
  if (!inode) return;
  const auto take = [&](Place& place) {
    place.inode.store(*inode);
    place.descriptor.store(descriptor);
  };
  if (find_place(kFree, take)) return;
  auto* more = new (std::nothrow) Chunk;
  if (more == nullptr) return;
  take(more->places[0]);
  Chunk* last = &first_;
  while (Chunk* next = last->next.load()) last = next;
  last->next.store(more);
}

void SocketCopies::remove(int descriptor) noexcept {
  if (descriptor < 0) return;
  find_place(descriptor, [](Place& place) { place.descriptor.store(kFree); });
}

void SocketCopies::close_all() noexcept {
  for (Chunk* chunk = &first_; chunk != nullptr; chunk = chunk->next.load()) {
    for (Place& place : chunk->places) {
      const int descriptor = place.descriptor.exchange(kFree);
      if (descriptor >= 0 && inode_of_socket(descriptor) == place.inode.load()) {
        ::close(descriptor);
      }
    }
  }
}

}  // namespace rmq::transport
