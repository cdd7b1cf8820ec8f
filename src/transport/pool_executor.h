// An executor on threads of its own, made when first needed and ended when there was no job for
// some seconds. Bounded: jobs that are not done yet count.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>

#include "base/mutex.h"
#include "base/thread.h"
#include "transport/loop_services.h"

namespace rmq::transport {

class PoolExecutor final : public OwnedExecutor, private WakeUpHandler, private TimerHandler {
 public:
  static constexpr base::Duration kIdleTime = std::chrono::seconds(10);

  // Two threads at most, and one processor is left to the loop.
  static std::size_t thread_count_for(std::size_t processors);

  PoolExecutor(Loop& loop, std::size_t threads_max, std::size_t jobs_max);
  ~PoolExecutor() override { close(); }

  base::Status submit(std::unique_ptr<Job> job) override;
  void close() override;

  std::size_t thread_count() const { return threads_.size(); }  // loop thread

 private:
  using Jobs = std::list<std::unique_ptr<Job>>;  // spliced, so that threads allocate nothing

  void on_wake_up() override;
  void on_timer() override;
  base::Status start_thread();
  void end_threads();
  void work();
  std::optional<Jobs::iterator> take_job();
  void finish(Jobs::iterator job);

  Loop& loop_;
  const std::size_t threads_max_;
  const std::size_t jobs_max_;
  std::deque<base::Thread> threads_;  // loop thread only
  std::size_t jobs_ = 0;              // not done yet; loop thread only
  bool closed_ = false;               // loop thread only
  base::Mutex mutex_;
  base::Condition changed_;  // of what mutex_ guards
  Jobs waiting_ RMQ_GUARDED_BY(mutex_);
  Jobs running_ RMQ_GUARDED_BY(mutex_);
  Jobs finished_ RMQ_GUARDED_BY(mutex_);
  std::size_t idle_ RMQ_GUARDED_BY(mutex_) = 0;
  bool ending_ RMQ_GUARDED_BY(mutex_) = false;
  std::unique_ptr<WakeUp> wake_up_;
  std::unique_ptr<Timer> idle_timer_;  // due while there are threads and no jobs
};

}  // namespace rmq::transport
