// Which descriptors are sockets of one loop, in a form that a forked child can read. These are
// atomic numbers only, because the child may have been made in the middle of any change of the
// loop. A child may have closed everything and opened files of its own under the same numbers. So
// each socket is listed with its inode, and only that socket is closed.
//
// Loop thread, except close_all().
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace rmq::transport {

class SocketCopies {
 public:
  SocketCopies() = default;
  ~SocketCopies();
  SocketCopies(const SocketCopies&) = delete;
  SocketCopies& operator=(const SocketCopies&) = delete;

  // After the descriptor was opened. What is no socket, or finds no memory for its place, is not
  // listed.
  void add(int descriptor) noexcept;
  // Before the descriptor is closed. -1, or one that is not listed, is fine.
  void remove(int descriptor) noexcept;

  // In a forked child, once: closes the child's copies. The parent's connections and its epoll set
  // stay as they are, because the parent holds the same open sockets.
  void close_all() noexcept;

 private:
  static constexpr std::size_t kChunkPlaces = 62;
  static constexpr int kFree = -1;
  struct Place {
    std::atomic<int> descriptor{kFree};
    std::atomic<std::uint64_t> inode{0};  // written before the descriptor
  };
  struct Chunk {
    std::array<Place, kChunkPlaces> places;
    std::atomic<Chunk*> next{nullptr};
  };
  template <typename Visit>
  bool find_place(int descriptor, Visit visit) noexcept;  // false: not there

  Chunk first_;
};

}  // namespace rmq::transport
