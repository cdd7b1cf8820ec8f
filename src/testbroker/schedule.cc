#include "testbroker/schedule.h"

namespace rmq::testbroker {

void Schedule::after(base::Duration delay, std::function<void()> action) {
  const auto place = actions_.emplace(loop_.now() + delay, std::move(action));
  if (place == actions_.begin()) timer_->arm(place->first);
}

void Schedule::on_timer() {
  const base::Instant now = loop_.now();
  // An action may add others; those that are due at once wait for the next turn's timer.
  std::multimap<base::Instant, std::function<void()>> due;
  while (!actions_.empty() && actions_.begin()->first <= now) {
    due.insert(due.end(), actions_.extract(actions_.begin()));
  }
  for (auto& [instant, action] : due) action();
  if (!actions_.empty()) timer_->arm(actions_.begin()->first);
}

}  // namespace rmq::testbroker
