// The tasks of the end of a loop turn, in the order in which they were scheduled; shared by both
// loops. Scheduling links the task itself, so it cannot fail.
#pragma once

#include <cassert>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/intrusive_list.h"
#include "transport/loop.h"

namespace rmq::transport {

class TurnEndQueue {
 public:
  // `on_first` is called when the queue stops being empty.
  explicit TurnEndQueue(std::function<void()> on_first) : on_first_(std::move(on_first)) {}

  ~TurnEndQueue() { assert(task_count_ == 0 && "destroyed before its tasks"); }
  TurnEndQueue(const TurnEndQueue&) = delete;
  TurnEndQueue& operator=(const TurnEndQueue&) = delete;

  // The task must be destroyed before the queue.
  std::unique_ptr<TurnEndTask> make_task(TurnEndHandler& handler);
  // Until nothing is scheduled: tasks that tasks schedule run too. Not re-entrant.
  void run();
  bool empty() const { return tasks_.is_empty(); }

 private:
  class Task;
  std::function<void()> on_first_;
  base::IntrusiveList<Task, Task> tasks_;  // those that are scheduled
  std::size_t task_count_ = 0;             // that exist
};

}  // namespace rmq::transport
