#include "remoting/deadlines.h"

#include <new>

namespace rmq::remoting {

Deadlines::Deadlines(transport::Loop& loop) : timer_(loop.make_timer(*this)), loop_(loop) {}

void Deadlines::set(Deadline& deadline, base::Instant due) noexcept {
  queue_.remove(deadline);
  if (due == base::kNever) return;
  queue_.add(deadline, due);
  if (due >= armed_) return;
  armed_ = due;
  timer_->arm(due);
}

void Deadlines::on_timer() {
  armed_ = base::kNever;
  queue_.collect_due(loop_.now());
  while (base::DeadlineEntry* entry = queue_.pop_collected()) {
    auto* deadline = static_cast<Deadline*>(entry);
    try {
      deadline->handler_->on_deadline(*deadline);
    } catch (const std::bad_alloc&) {
      // What one handler had no memory for must not keep the others from theirs.
    }
  }
  const base::Instant next = queue_.earliest();
  if (next >= armed_) return;
  armed_ = next;
  timer_->arm(next);
}

}  // namespace rmq::remoting
