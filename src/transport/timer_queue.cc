#include "transport/timer_queue.h"

namespace rmq::transport {

class TimerQueue::ArmedTimer final : public Timer {
 public:
  ArmedTimer(TimerQueue& queue, TimerHandler& handler) : queue_(queue), handler_(handler) {}
  ~ArmedTimer() override { disarm(); }

  void arm(base::Instant due) override {
    // The node is kept when there is one: re-arming allocates nothing.
    auto node =
        number_ != 0 ? queue_.armed_.extract({due_, number_, this}) : std::set<Entry>::node_type{};
    number_ = 0;
    if (due == base::kNever) return;
    due_ = due;
    const Entry entry{due, queue_.last_number_ + 1, this};
    if (node) {
      node.value() = entry;
      queue_.armed_.insert(std::move(node));
    } else {
      queue_.armed_.insert(entry);
    }
    number_ = ++queue_.last_number_;
  }

  void disarm() override {
    if (number_ != 0) queue_.armed_.erase({due_, number_, this});
    number_ = 0;
  }

  void fire() {
    disarm();
    handler_.on_timer();
  }

 private:
  TimerQueue& queue_;
  TimerHandler& handler_;
  base::Instant due_{};
  std::uint64_t number_ = 0;  // 0: not armed
};

std::unique_ptr<Timer> TimerQueue::make_timer(TimerHandler& handler) {
  return std::make_unique<ArmedTimer>(*this, handler);
}

base::Instant TimerQueue::next_due() const {
  return armed_.empty() ? base::kNever : std::get<0>(*armed_.begin());
}

std::size_t TimerQueue::run(base::Instant now) {
  const std::uint64_t last = last_number_;
  std::size_t fired = 0;
  auto next = armed_.begin();
  while (next != armed_.end() && std::get<0>(*next) <= now) {
    if (std::get<1>(*next) > last) {  // armed by one that fired just now
      ++next;
      continue;
    }
    ++fired;
    std::get<2>(*next)->fire();
    next = armed_.begin();
  }
  return fired;
}

}  // namespace rmq::transport
