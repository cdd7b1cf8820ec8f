// The row of blocking calls of one runtime: whether they follow each other one at a time, so that
// their callers may run the loop. Any thread; no lock, because each call passes here twice.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/instant.h"

namespace rmq::client {

class CallRow {
 public:
  // A call that begins so soon after the one before follows it.
  static constexpr base::Duration kGapMax = std::chrono::milliseconds(5);
  // So many have to follow each other before callers run the loop. One more would be as good: a
  // first call alone has not shown that another one comes.
  static constexpr std::uint32_t kFollowersMin = 3;

  // True: no other call is under way.
  bool enter(base::Instant now) noexcept {
    entered_.fetch_add(1, std::memory_order_relaxed);
    const bool is_alone = inside_.fetch_add(1, std::memory_order_acq_rel) == 0;
    const bool follows = is_alone && now - ended_.load(std::memory_order_relaxed) <= kGapMax;
    const std::uint32_t before = followers_.load(std::memory_order_relaxed);
    followers_.store(follows ? before + 1 : 0, std::memory_order_relaxed);
    return is_alone;
  }
  void leave(base::Instant now) noexcept {
    ended_.store(now, std::memory_order_relaxed);
    inside_.fetch_sub(1, std::memory_order_acq_rel);
  }

  // Calls follow each other, with none beside them.
  bool is_one_by_one() const noexcept {
    return followers_.load(std::memory_order_relaxed) >= kFollowersMin;
  }
  // Counts the calls that ever began.
  std::uint32_t entered() const noexcept { return entered_.load(std::memory_order_relaxed); }
  // What followed does not count any more.
  void forget() noexcept { followers_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> inside_{0};
  std::atomic<std::uint32_t> entered_{0};
  std::atomic<std::uint32_t> followers_{0};
  std::atomic<base::Instant> ended_{};  // zero: none has
};

}  // namespace rmq::client
