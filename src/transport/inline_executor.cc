#include "transport/inline_executor.h"

#include <cassert>
#include <string>
#include <utility>

namespace rmq::transport {

base::Status InlineExecutor::submit(std::unique_ptr<Job> job) {
  if (closed_) return base::make_error(base::ErrorCode::CLOSED, "the executor is closed");
  if (jobs_.size() >= jobs_max_) {
    return base::make_error(base::ErrorCode::QUEUE_FULL,
                            "executor: " + std::to_string(jobs_.size()) + " jobs wait, limit " +
                                std::to_string(jobs_max_));
  }
  jobs_.push_back(std::move(job));
  return {};
}

void InlineExecutor::run_first() {
  assert(has_jobs());
  const std::unique_ptr<Job> job = std::move(jobs_.front());
  jobs_.pop_front();
  job->run();
  job->done();
}

void InlineExecutor::close() {
  closed_ = true;
  while (!jobs_.empty()) run_first();
}

}  // namespace rmq::transport
