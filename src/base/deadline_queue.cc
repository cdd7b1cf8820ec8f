#include "base/deadline_queue.h"

namespace rmq::base {

void DeadlineQueue::add(DeadlineEntry& entry, Instant due) {
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

  if (best != nullptr) {
    entry.due_ = due;
    entry.place_ = DeadlineEntry::kListed;
    best->push_back(entry);
  } else {
    heap_.push_back(&entry);
    entry.due_ = due;
    sift_up(heap_.size() - 1, &entry);
  }
  ++size_;
}

void DeadlineQueue::remove(DeadlineEntry& entry) {
  if (entry.place_ == DeadlineEntry::kNowhere) return;
  if (entry.place_ == DeadlineEntry::kListed) {
    entry.unlink();
  } else {
    const auto index = static_cast<std::size_t>(entry.place_);
    DeadlineEntry* last = heap_.back();
    heap_.pop_back();
    if (last != &entry) {
      if (index > 0 && last->due_ < heap_[(index - 1) / 2]->due_) {
        sift_up(index, last);
      } else {
        sift_down(index, last);
      }
    }
  }
  entry.place_ = DeadlineEntry::kNowhere;
  --size_;
}

DeadlineEntry* DeadlineQueue::find_earliest() const {
  DeadlineEntry* earliest = heap_.empty() ? nullptr : heap_.front();
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

void DeadlineQueue::collect_due(Instant now) {
  for (DeadlineEntry* entry = find_earliest(); entry != nullptr && entry->due_ <= now;
       entry = find_earliest()) {
    remove(*entry);
    entry->place_ = DeadlineEntry::kListed;
    collected_.push_back(*entry);
    ++size_;
  }
}

DeadlineEntry* DeadlineQueue::pop_collected() {
  DeadlineEntry* entry = collected_.pop_front();
  if (entry == nullptr) return nullptr;
  entry->place_ = DeadlineEntry::kNowhere;
  --size_;
  return entry;
}

void DeadlineQueue::place(std::size_t index, DeadlineEntry* entry) {
  heap_[index] = entry;
  entry->place_ = static_cast<std::int32_t>(index);
}

void DeadlineQueue::sift_up(std::size_t index, DeadlineEntry* entry) {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent]->due_ <= entry->due_) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void DeadlineQueue::sift_down(std::size_t index, DeadlineEntry* entry) {
  const std::size_t count = heap_.size();
  for (std::size_t child = 2 * index + 1; child < count; child = 2 * index + 1) {
    if (child + 1 < count && heap_[child + 1]->due_ < heap_[child]->due_) ++child;
    if (heap_[child]->due_ >= entry->due_) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

}  // namespace rmq::base
