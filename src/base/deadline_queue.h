// Deadlines in order of due time, for timers that are nearly always removed before they are due.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "base/instant.h"
#include "base/intrusive_list.h"

namespace rmq::base {

// Base of whatever has a deadline. In one queue at most.
class DeadlineEntry : public ListNode<DeadlineEntry> {
 public:
  DeadlineEntry() = default;
  ~DeadlineEntry() { assert(!is_queued() && "destroyed while a queue refers to it"); }

  bool is_queued() const { return place_ != Place::nowhere; }
  Instant due() const { return due_; }

 private:
  friend class DeadlineQueue;
  enum class Place : std::uint8_t { nowhere, listed, heap };  // listed: in a lane, or collected
  Place place_ = Place::nowhere;
  Instant due_ = kNever;
  // In the heap: the first child, the next sibling, and the sibling before or, first, the parent.
  DeadlineEntry* child_ = nullptr;
  DeadlineEntry* sibling_ = nullptr;
  DeadlineEntry* back_ = nullptr;
};

// Most deadlines come in the order in which they are due, because most requests share a few
// timeouts. Such entries go to the end of one of a few sorted lists: adding and removing cost O(1).
// What fits no list goes to a pairing heap: O(log n). Both are links in the entries, so that
// nothing here needs memory or can fail: an operation must never be without its deadline. One
// owner, one thread.
class DeadlineQueue {
 public:
  DeadlineQueue() = default;
  ~DeadlineQueue() { assert(root_ == nullptr && "destroyed with entries"); }  // lanes look, too
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  void add(DeadlineEntry& entry, Instant due) noexcept;  // not queued yet
  void remove(DeadlineEntry& entry) noexcept;            // no-op when not queued

  // kNever when empty (collected entries do not count).
  Instant earliest() const;

  // Entries that are due at `now` are set apart, in order; pop_collected then gives them one by
  // one. An entry that is added in between waits for the next collection, so that handling due
  // entries always ends.
  void collect_due(Instant now) noexcept;
  DeadlineEntry* pop_collected() noexcept;  // null when there are no more

  std::size_t size() const { return size_; }

 private:
  using Lane = IntrusiveList<DeadlineEntry, DeadlineEntry>;

  DeadlineEntry* find_earliest() const;
  static DeadlineEntry* merge(DeadlineEntry* first, DeadlineEntry* second);
  static DeadlineEntry* merge_siblings(DeadlineEntry* first);
  void remove_from_heap(DeadlineEntry& entry);

  mutable std::array<Lane, 4> lanes_;
  Lane collected_;
  DeadlineEntry* root_ = nullptr;  // of the heap
  std::size_t size_ = 0;
};

}  // namespace rmq::base
