// Memory for many small things that live and die together. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace rmq::base {

class Arena {
 public:
  explicit Arena(std::size_t chunk_bytes) : chunk_bytes_(chunk_bytes) {}

  // Aligned for pointers. Throws std::bad_alloc.
  void* allocate(std::size_t bytes) {
    bytes = (bytes + alignof(void*) - 1) & ~(alignof(void*) - 1);
    if (bytes > left_) add_chunk(bytes);
    void* place = next_;
    next_ += bytes;
    left_ -= bytes;
    return place;
  }

  // A zero-terminated copy.
  std::string_view copy_text(std::string_view text) {
    char* place = static_cast<char*>(allocate(text.size() + 1));
    std::memcpy(place, text.data(), text.size());
    place[text.size()] = '\0';
    return {place, text.size()};
  }

 private:
  void add_chunk(std::size_t bytes_min) {
    const std::size_t bytes = bytes_min > chunk_bytes_ ? bytes_min : chunk_bytes_;
    chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(bytes));
    next_ = chunks_.back().get();
    left_ = bytes;
  }

  const std::size_t chunk_bytes_;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace rmq::base
