#include "transport/timer_queue.h"

namespace rmq::transport {

class TimerQueue::ArmedTimer final : public Timer, public base::DeadlineEntry {
 public:
  ArmedTimer(TimerQueue& queue, TimerHandler& handler) : queue_(queue), handler_(handler) {}
  ~ArmedTimer() override { disarm(); }

  void arm(base::Instant due) noexcept override {
    disarm();
    if (due != base::kNever) queue_.armed_.add(*this, due);
  }
  void disarm() noexcept override { queue_.armed_.remove(*this); }
  void fire() { handler_.on_timer(); }

 private:
  TimerQueue& queue_;
  TimerHandler& handler_;
};

std::unique_ptr<Timer> TimerQueue::make_timer(TimerHandler& handler) {
  return std::make_unique<ArmedTimer>(*this, handler);
}

std::size_t TimerQueue::run(base::Instant now) {
  armed_.collect_due(now);
  std::size_t fired = 0;
  try {
    while (base::DeadlineEntry* entry = armed_.pop_collected()) {
      ++fired;
      static_cast<ArmedTimer*>(entry)->fire();
    }
  } catch (...) {
    while (base::DeadlineEntry* entry = armed_.pop_collected()) armed_.add(*entry, entry->due());
    throw;
  }
  return fired;
}

}  // namespace rmq::transport
