#include "base/deadline_queue.h"

#include <cassert>
#include <utility>

namespace rmq::base {

void DeadlineQueue::add(DeadlineEntry& entry, Instant due) noexcept {
  assert(!entry.is_queued() && "in a queue already");
  // The fullest fit: the lane whose last entry is the latest of those not later than `due`.
  Lane* best = nullptr;
  Lane* empty = nullptr;
  for (Lane& lane : lanes_) {
    DeadlineEntry* last = lane.back();
    if (last == nullptr) {
      empty = &lane;
    } else if (last->due_ <= due && (best == nullptr || last->due_ > best->back()->due_)) {
      best = &lane;
    }
  }
  if (best == nullptr) best = empty;

  entry.due_ = due;
  if (best != nullptr) {
    entry.place_ = DeadlineEntry::Place::listed;
    best->push_back(entry);
  } else {
    entry.place_ = DeadlineEntry::Place::heap;
    root_ = merge(root_, &entry);
  }
  ++size_;
}

void DeadlineQueue::remove(DeadlineEntry& entry) noexcept {
  if (!entry.is_queued()) return;
  if (entry.place_ == DeadlineEntry::Place::listed) {
    entry.unlink();
  } else {
    remove_from_heap(entry);
  }
  entry.place_ = DeadlineEntry::Place::nowhere;
  assert(size_ > 0);
  --size_;
}

DeadlineEntry* DeadlineQueue::find_earliest() const {
  DeadlineEntry* earliest = root_;
  for (Lane& lane : lanes_) {
    DeadlineEntry* first = lane.front();
    if (first != nullptr && (earliest == nullptr || first->due_ < earliest->due_)) {
      earliest = first;
    }
  }
  return earliest;
}

Instant DeadlineQueue::earliest() const {
  const DeadlineEntry* entry = find_earliest();
  return entry == nullptr ? kNever : entry->due_;
}

void DeadlineQueue::collect_due(Instant now) noexcept {
  for (DeadlineEntry* entry = find_earliest(); entry != nullptr && entry->due_ <= now;
       entry = find_earliest()) {
    remove(*entry);
    entry->place_ = DeadlineEntry::Place::listed;
    collected_.push_back(*entry);
    ++size_;
  }
}

DeadlineEntry* DeadlineQueue::pop_collected() noexcept {
  DeadlineEntry* entry = collected_.pop_front();
  if (entry == nullptr) return nullptr;
  entry->place_ = DeadlineEntry::Place::nowhere;
  assert(size_ > 0);
  --size_;
  return entry;
}

// The later of two heaps becomes the first child of the other; either may be null.
DeadlineEntry* DeadlineQueue::merge(DeadlineEntry* first, DeadlineEntry* second) {
  if (first == nullptr) return second;
  if (second == nullptr) return first;
  if (second->due_ < first->due_) std::swap(first, second);
  second->back_ = first;
  second->sibling_ = first->child_;
  if (first->child_ != nullptr) first->child_->back_ = second;
  first->child_ = second;
  return first;
}

// Children that lost their parent become one heap: pairs from the left, then those from the right.
DeadlineEntry* DeadlineQueue::merge_siblings(DeadlineEntry* first) {
  DeadlineEntry* pairs = nullptr;  // through sibling_, the last one first
  while (first != nullptr) {
    DeadlineEntry* left = first;
    DeadlineEntry* right = left->sibling_;
    first = right == nullptr ? nullptr : right->sibling_;
    left->sibling_ = left->back_ = nullptr;
    if (right != nullptr) right->sibling_ = right->back_ = nullptr;
    DeadlineEntry* pair = merge(left, right);
    pair->sibling_ = pairs;
    pairs = pair;
  }
  DeadlineEntry* root = nullptr;
  while (pairs != nullptr) {
    DeadlineEntry* next = std::exchange(pairs->sibling_, nullptr);
    root = merge(root, pairs);
    pairs = next;
  }
  return root;
}

void DeadlineQueue::remove_from_heap(DeadlineEntry& entry) {
  DeadlineEntry* children = merge_siblings(std::exchange(entry.child_, nullptr));
  if (&entry == root_) {
    root_ = children;
    return;
  }
  (entry.back_->child_ == &entry ? entry.back_->child_ : entry.back_->sibling_) = entry.sibling_;
  if (entry.sibling_ != nullptr) entry.sibling_->back_ = entry.back_;
  entry.sibling_ = entry.back_ = nullptr;
  root_ = merge(root_, children);
}

}  // namespace rmq::base
