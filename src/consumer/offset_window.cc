#include "consumer/offset_window.h"

#include <algorithm>
#include <cassert>

namespace rmq::consumer {

OffsetWindow::Ticket OffsetWindow::add(std::int64_t offset) {
  entries_.push_back({offset, false});
  end_offset_ = offset + 1;
  ++unfinished_;
  return first_ticket_ + entries_.size() - 1;
}

void OffsetWindow::skip_to(std::int64_t offset) { end_offset_ = std::max(end_offset_, offset); }

void OffsetWindow::restart() noexcept {
  end_offset_ = commit_offset();
  first_ticket_ += entries_.size();
  entries_.clear();
  unfinished_ = 0;
}

bool OffsetWindow::finish(Ticket ticket) {
  const std::uint64_t index = ticket - first_ticket_;  // wraps to a large one when it is gone
  if (index >= entries_.size() || entries_[index].is_finished) return false;
  entries_[index].is_finished = true;
  assert(unfinished_ > 0);
  --unfinished_;
  while (!entries_.empty() && entries_.front().is_finished) {
    entries_.pop_front();
    ++first_ticket_;
  }
  return true;
}

}  // namespace rmq::consumer
