// The executor of a driven loop: jobs run on the loop thread at the end of the turn.
#pragma once

#include <list>
#include <memory>

#include "transport/loop_services.h"

namespace rmq::transport {

class InlineExecutor final : public OwnedExecutor, private TurnEndHandler {
 public:
  InlineExecutor(Loop& loop, std::size_t jobs_max)
      : jobs_max_(jobs_max), turn_end_(loop.make_turn_end_task(*this)) {}
  ~InlineExecutor() override { close(); }

  base::Status submit(std::unique_ptr<Job> job) override;
  void close() override;

 private:
  void on_turn_end() override;

  const std::size_t jobs_max_;
  std::list<std::unique_ptr<Job>> jobs_;
  bool closed_ = false;
  std::unique_ptr<TurnEndTask> turn_end_;
};

}  // namespace rmq::transport
