// The sleeping callers whose operations have ended in the present turn of the loop. They are woken
// after it, so that what a caller does next finds the turn over. Loop thread only.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/futex.h"

namespace rmq::event {

class WokenCallers {
 public:
  // `word` is what the caller sleeps on. It may be gone before the caller is woken: the kernel
  // takes its address for a number and does not look behind it. At worst somebody else wakes up too
  // early there.
  void add(const std::atomic<std::uint32_t>& word) noexcept {
    if (count_ == words_.size()) wake();
    words_[count_++] = &word;
    if (is_at_once_) wake();
  }
  void wake() noexcept {
    for (std::size_t i = 0; i < count_; ++i) base::futex_wake(*words_[i], 1);
    count_ = 0;
  }
  // Those until now, who are woken by the copy.
  WokenCallers take() noexcept {
    const WokenCallers taken = *this;
    count_ = 0;
    return taken;
  }
  // From now on nobody calls wake() after the turns.
  void set_at_once() noexcept {
    is_at_once_ = true;
    wake();
  }

 private:
  std::array<const std::atomic<std::uint32_t>*, 64> words_{};
  std::size_t count_ = 0;
  bool is_at_once_ = false;
};

}  // namespace rmq::event
