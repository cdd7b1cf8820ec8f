// A loop without a world: time is a number, the streams are made by the test, nothing is allocated
// by running it. For fuzzing and for counting allocations, where a simulated network is too much.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "transport/loop.h"
#include "transport/seeded_random.h"

namespace rmq::testing {

class StepLoop final : public transport::Loop, private transport::Resolver {
 public:
  StepLoop() { tasks_.reserve(64); }

  // One turn: timers that are due, then what was scheduled for the end of the turn.
  void step() {
    if (std::optional<Done> done = std::exchange(resolving_, std::nullopt)) {
      (*done)(std::vector<transport::SocketAddress>(1));
    }
    for (std::size_t i = 0; i < timers_.size(); ++i) {
      StepTimer* timer = timers_[i];
      if (timer == nullptr || timer->due > now_) continue;
      timer->due = base::kNever;
      timer->handler.on_timer();
    }
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      StepTask* task = std::exchange(tasks_[i], nullptr);
      if (task == nullptr) continue;
      task->is_scheduled = false;
      task->handler.on_turn_end();
    }
    tasks_.clear();
  }
  void turn_clock(base::Duration by) { now_ += by; }

  base::Instant now() const override { return now_; }
  std::int64_t wall_ms() const override { return 0; }
  std::unique_ptr<transport::Timer> make_timer(transport::TimerHandler& handler) override {
    return std::make_unique<StepTimer>(*this, handler);
  }
  std::unique_ptr<transport::TurnEndTask> make_turn_end_task(
      transport::TurnEndHandler& handler) override {
    return std::make_unique<StepTask>(*this, handler);
  }
  std::unique_ptr<transport::WakeUp> make_wake_up(transport::WakeUpHandler&) override {
    return nullptr;
  }
  std::unique_ptr<transport::ByteStream> make_stream() override { return nullptr; }
  base::Result<std::unique_ptr<transport::Listener>> listen(const transport::SocketAddress&,
                                                            transport::ListenerHandler&) override {
    return base::make_error(base::ErrorCode::INTERNAL, "this loop does not listen");
  }
  transport::Resolver& resolver() override { return *this; }
  transport::Executor& executor() override { std::abort(); }
  transport::Random& random() override { return random_; }

 private:
  struct StepTimer final : transport::Timer {
    StepTimer(StepLoop& owner, transport::TimerHandler& wanted) : loop(owner), handler(wanted) {
      loop.timers_.push_back(this);
    }
    ~StepTimer() override {
      std::replace(loop.timers_.begin(), loop.timers_.end(), this,
                   static_cast<StepTimer*>(nullptr));
    }
    void arm(base::Instant wanted) noexcept override { due = wanted; }
    void disarm() noexcept override { due = base::kNever; }
    StepLoop& loop;
    transport::TimerHandler& handler;
    base::Instant due = base::kNever;
  };
  struct StepTask final : transport::TurnEndTask {
    StepTask(StepLoop& owner, transport::TurnEndHandler& wanted) : loop(owner), handler(wanted) {}
    ~StepTask() override {
      std::replace(loop.tasks_.begin(), loop.tasks_.end(), this, static_cast<StepTask*>(nullptr));
    }
    void schedule() override {
      if (std::exchange(is_scheduled, true)) return;
      loop.tasks_.push_back(this);
    }
    StepLoop& loop;
    transport::TurnEndHandler& handler;
    bool is_scheduled = false;
  };
  struct StepResolution final : transport::Resolution {
    explicit StepResolution(StepLoop& owner) : loop(owner) {}
    ~StepResolution() override { loop.resolving_.reset(); }
    StepLoop& loop;
  };

  std::unique_ptr<transport::Resolution> resolve(const transport::HostPort&, Done done) override {
    resolving_ = std::move(done);
    return std::make_unique<StepResolution>(*this);
  }

  base::Instant now_{base::milliseconds(1)};
  std::vector<StepTimer*> timers_;
  std::vector<StepTask*> tasks_;
  std::optional<Done> resolving_;
  transport::SeededRandom random_{1};
};

}  // namespace rmq::testing
