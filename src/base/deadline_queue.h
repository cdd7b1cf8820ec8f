// Deadlines in order of due time, for timers that are nearly always removed before they are due.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/instant.h"
#include "base/intrusive_list.h"

namespace rmq::base {

// Base of whatever has a deadline. In one queue at most.
class DeadlineEntry : public ListNode<DeadlineEntry> {
 public:
  bool is_queued() const { return place_ != kNowhere; }
  Instant due() const { return due_; }

 private:
  friend class DeadlineQueue;
  static constexpr std::int32_t kNowhere = -1;
  static constexpr std::int32_t kListed = -2;  // in a lane, or collected
  std::int32_t place_ = kNowhere;              // otherwise the index in the heap
  Instant due_ = kNever;
};

// Most deadlines come in the order in which they are due, because most requests share a few
// timeouts. Such entries go to the end of one of a few sorted lists: adding and removing cost O(1).
// What fits no list goes to a binary heap: O(log n). One owner, one thread.
class DeadlineQueue {
 public:
  void add(DeadlineEntry& entry, Instant due);  // not queued yet; throws std::bad_alloc
  void remove(DeadlineEntry& entry);            // no-op when not queued

  // kNever when empty (collected entries do not count).
  Instant earliest() const;

  // Entries that are due at `now` are set apart, in order; pop_collected then gives them one by
  // one. An entry that is added in between waits for the next collection, so that handling due
  // entries always ends.
  void collect_due(Instant now);
  DeadlineEntry* pop_collected();  // null when there are no more

  std::size_t size() const { return size_; }

 private:
  using Lane = IntrusiveList<DeadlineEntry, DeadlineEntry>;

  DeadlineEntry* find_earliest() const;
  void place(std::size_t index, DeadlineEntry* entry);
  void sift_up(std::size_t index, DeadlineEntry* entry);
  void sift_down(std::size_t index, DeadlineEntry* entry);

  mutable std::array<Lane, 4> lanes_;
  Lane collected_;
  std::vector<DeadlineEntry*> heap_;
  std::size_t size_ = 0;
};

}  // namespace rmq::base
