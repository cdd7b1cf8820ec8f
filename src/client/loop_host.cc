#include "client/loop_host.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace rmq::client {
namespace {

// For a name look-up that is about to end. One that hangs is left to itself, and the library stays
// mapped for it: destroying does not wait, closing does within its limit.
constexpr base::Duration kLookUpGrace = std::chrono::milliseconds(50);

}  // namespace

// Ends when callers may run the loop: their calls follow each other, and nothing else is awaited.
class LoopHost::ThreadRun final : public transport::LoopRunner::Run {
 public:
  explicit ThreadRun(LoopHost& host) : host_(host) {}
  bool is_done() noexcept override {
    if (host_.calls_.is_one_by_one() && !host_.core_->is_busy()) return true;
    host_.core_->woken_callers().wake();
    return false;
  }

 private:
  LoopHost& host_;
};

LoopHost::~LoopHost() { assert(!is_inside_turn()); }

base::Status LoopHost::make_loop(std::unique_ptr<transport::Resolver> resolver) {
  resolver_ = std::move(resolver);
  auto runner = surroundings_->make_loop(is_driven_, resolver_.get());
  if (!runner.ok()) return runner.take_error();
  runner_ = runner.take_value();
  return {};
}

base::Status LoopHost::start_thread(ClientCore& core) {
  base::MutexLock ending(ending_);
  core_ = &core;
  runner_->set_sleeper(this);
  return thread_.start("loop", [this] { run_thread(); });
}

void LoopHost::run_thread() {
  using RunEnd = transport::LoopRunner::RunEnd;
  ThreadRun run(*this);
  for (;;) {
    loop_thread_id_ = std::this_thread::get_id();
    if (runner_->run_until(run) != RunEnd::done) break;
    loop_thread_id_ = std::thread::id();
    const std::uint32_t entered = calls_.entered();
    event::WokenCallers woken = core_->woken_callers().take();
    seat_.give_up();
    if (runner_->is_woken()) seat_.recall();
    woken.wake();  // now that they find the seat free
    seat_.wait_for_turn(calls_);
    if (calls_.entered() == entered) calls_.forget();
  }
  // Nobody gets the seat any more.
  core_->woken_callers().set_at_once();
  runner_->run();
  // A thread that is made later may get the same id.
  loop_thread_id_ = std::thread::id();
}

bool LoopHost::run_for_caller(transport::LoopRunner::Run& run) {
  if (!seat_.try_take()) return false;
  loop_thread_id_ = std::this_thread::get_id();
  const bool is_done = runner_->run_until(run) == transport::LoopRunner::RunEnd::done;
  const bool is_needed = !is_done || core_->is_busy();
  loop_thread_id_ = std::thread::id();
  seat_.leave(is_needed);
  if (!is_needed && runner_->is_woken()) seat_.recall();
  return true;
}

void LoopHost::make_caller_driver(ClientCore& core) {
  core_ = &core;
  core.woken_callers().set_at_once();
  loop_thread_id_ = std::this_thread::get_id();
}

void LoopHost::stop_thread() noexcept {
  base::MutexLock ending(ending_);
  if (!thread_.started()) return;
  runner_->stop();
  thread_.join();
}

void LoopHost::drop_loop() noexcept {
  runner_.reset();
  resolver_.reset();
}

bool LoopHost::is_inside_turn() const {
  if (!is_loop_thread()) return false;
  base::MutexLock lock(turn_mutex_);
  return is_turning_ || !is_driven_;
}

bool LoopHost::begin_turn(base::Instant until) {
  base::MutexLock lock(turn_mutex_);
  while (is_turning_) {
    if (!turn_ended_.wait_until(lock, base::Condition::TimePoint(until.time_since_epoch())))
      return false;
  }
  is_turning_ = true;
  loop_thread_id_ = std::this_thread::get_id();
  return true;
}

void LoopHost::end_turn() {
  {
    base::MutexLock lock(turn_mutex_);
    is_turning_ = false;
  }
  turn_ended_.notify_all();
}

bool LoopHost::try_step() {
  if (is_inside_turn() || !begin_turn(base::Instant())) return false;
  runner_->step();
  end_turn();
  return true;
}

bool LoopHost::drive(const std::function<bool()>& is_done, base::Instant until) {
  if (is_inside_turn() || !begin_turn(until)) return is_done();
  while (!is_done() && surroundings_->now() < until) runner_->step();
  end_turn();
  return is_done();
}

void LoopHost::end(base::Duration look_up_wait) {
  base::MutexLock ending(ending_);
  thread_.join();
  runner_->close(std::max(look_up_wait, kLookUpGrace));
}

}  // namespace rmq::client
