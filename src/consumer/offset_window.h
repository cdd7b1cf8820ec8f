// The offsets of one queue that were pulled and whose messages are not all finished yet. It tells
// the offset that may be committed: nothing before it is unfinished.
//
//        finished | first unfinished ... entries ... last pulled | end
//                 ^ commit_offset()                                ^ end_offset()
//
// Memory is that of the entries between the first unfinished one and the last, which the caller
// bounds by count and by span. Adding and finishing are O(1) amortised. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace rmq::consumer {

class OffsetWindow {
 public:
  // Of one entry; never used again, so that a late finish finds nothing.
  using Ticket = std::uint64_t;

  OffsetWindow() = default;
  explicit OffsetWindow(std::int64_t start_offset) : end_offset_(start_offset) {}

  // Begins again at commit_offset(), without memory. Tickets that were given find nothing any more.
  void restart() noexcept;

  // Offsets come in rising order: one below end_offset() is not taken.
  bool can_add(std::int64_t offset) const { return offset >= end_offset_ && offset < INT64_MAX; }
  Ticket add(std::int64_t offset);
  // What lies before `offset` and was not added needs no finishing: it was filtered out.
  void skip_to(std::int64_t offset);
  // False: finished before, or none of this window.
  bool finish(Ticket ticket);

  std::int64_t commit_offset() const {
    return entries_.empty() ? end_offset_ : entries_.front().offset;
  }
  std::int64_t end_offset() const { return end_offset_; }  // highest seen + 1
  std::int64_t span() const { return end_offset_ - commit_offset(); }
  std::size_t unfinished() const { return unfinished_; }
  std::size_t entries() const { return entries_.size(); }

 private:
  struct Entry {
    std::int64_t offset;
    bool is_finished;
  };

  std::deque<Entry> entries_;  // the first one is unfinished
  Ticket first_ticket_ = 0;    // of entries_.front()
  std::int64_t end_offset_ = 0;
  std::size_t unfinished_ = 0;
};

}  // namespace rmq::consumer
