// The executor of a driven loop. Jobs run on the loop thread, one in each step of the host. So a
// step takes no longer than its longest job and all the rest.
#pragma once

#include <list>
#include <memory>

#include "transport/loop_services.h"

namespace rmq::transport {

class InlineExecutor final : public OwnedExecutor {
 public:
  explicit InlineExecutor(std::size_t jobs_max) : jobs_max_(jobs_max) {}
  ~InlineExecutor() override { close(); }

  base::Status submit(std::unique_ptr<Job> job) override;
  void close() override;

  bool has_jobs() const { return !jobs_.empty(); }
  void run_first();

 private:
  const std::size_t jobs_max_;
  std::list<std::unique_ptr<Job>> jobs_;
  bool closed_ = false;
};

}  // namespace rmq::transport
