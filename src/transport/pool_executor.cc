#include "transport/pool_executor.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace rmq::transport {

std::size_t PoolExecutor::thread_count_for(std::size_t processors) {
  return processors > 2 ? 2 : 1;
}

PoolExecutor::PoolExecutor(Loop& loop, std::size_t threads_max, std::size_t jobs_max)
    : loop_(loop),
      threads_max_(std::max<std::size_t>(threads_max, 1)),
      jobs_max_(jobs_max),
      wake_up_(loop.make_wake_up(*this)),
      idle_timer_(loop.make_timer(*this)) {}

base::Status PoolExecutor::submit(std::unique_ptr<Job> job) {
  if (closed_) return base::make_error(base::ErrorCode::CLOSED, "the executor is closed");
  if (jobs_ >= jobs_max_) {
    return base::make_error(base::ErrorCode::QUEUE_FULL, "executor: " + std::to_string(jobs_) +
                                                             " jobs under way, limit " +
                                                             std::to_string(jobs_max_));
  }
  Jobs one;
  one.push_back(std::move(job));
  bool too_few = false;
  {
    base::MutexLock lock(mutex_);
    too_few = idle_ <= waiting_.size();
  }
  if (too_few && threads_.size() < threads_max_) {
    base::Status started = start_thread();
    if (!started.ok() && threads_.empty()) return started;
  }
  ++jobs_;
  idle_timer_->disarm();
  base::MutexLock lock(mutex_);
  waiting_.splice(waiting_.end(), one);
  changed_.notify_one();
  return {};
}

base::Status PoolExecutor::start_thread() {
  threads_.emplace_back();
  base::Status started = threads_.back().start("executor", [this] { work(); });
  if (!started.ok()) threads_.pop_back();
  return started;
}

void PoolExecutor::work() {
  while (const auto job = take_job()) {
    (**job)->run();
    finish(*job);
  }
}

// Nothing: the thread is to end.
std::optional<PoolExecutor::Jobs::iterator> PoolExecutor::take_job() {
  base::MutexLock lock(mutex_);
  ++idle_;
  while (!ending_ && waiting_.empty()) changed_.wait(lock);
  --idle_;
  if (waiting_.empty()) return std::nullopt;
  const Jobs::iterator job = waiting_.begin();
  running_.splice(running_.end(), waiting_, job);
  return job;
}

void PoolExecutor::finish(Jobs::iterator job) {
  {
    base::MutexLock lock(mutex_);
    finished_.splice(finished_.end(), running_, job);
  }
  wake_up_->wake();
}

void PoolExecutor::on_wake_up() {
  Jobs finished;
  {
    base::MutexLock lock(mutex_);
    finished.swap(finished_);
  }
  assert(jobs_ >= finished.size());
  jobs_ -= finished.size();
  for (const auto& job : finished) job->done();
  if (jobs_ == 0 && !threads_.empty() && !closed_) idle_timer_->arm(loop_.now() + kIdleTime);
}

// The threads only wait: joining them takes a moment.
void PoolExecutor::on_timer() {
  if (jobs_ == 0) end_threads();
}

void PoolExecutor::end_threads() {
  {
    base::MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  threads_.clear();  // joins, after the last waiting job was run
  base::MutexLock lock(mutex_);
  ending_ = false;
}

void PoolExecutor::close() {
  if (std::exchange(closed_, true)) return;
  end_threads();
  on_wake_up();
  wake_up_.reset();
  idle_timer_.reset();
}

}  // namespace rmq::transport
