#include "transport/inline_executor.h"

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
  turn_end_->schedule();
  return {};
}

void InlineExecutor::on_turn_end() {
  const auto jobs = std::exchange(jobs_, {});
  for (const auto& job : jobs) {
    job->run();
    job->done();
  }
}

void InlineExecutor::close() {
  closed_ = true;
  on_turn_end();
}

}  // namespace rmq::transport
