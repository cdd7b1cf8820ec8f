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

LoopHost::~LoopHost() { assert(!is_inside_turn()); }

base::Status LoopHost::make_loop(std::unique_ptr<transport::Resolver> resolver) {
  resolver_ = std::move(resolver);
  auto runner = surroundings_->make_loop(is_driven_, resolver_.get());
  if (!runner.ok()) return runner.take_error();
  runner_ = runner.take_value();
  return {};
}

base::Status LoopHost::start_thread() {
  base::MutexLock ending(ending_);
  return thread_.start("loop", [this] {
    loop_thread_id_ = std::this_thread::get_id();
    runner_->run();
    // A thread that is made later may get the same id.
    loop_thread_id_ = std::thread::id();
  });
}

void LoopHost::make_caller_driver() { loop_thread_id_ = std::this_thread::get_id(); }

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
