#include "transport/turn_end_queue.h"

#include <cassert>

namespace rmq::transport {

class TurnEndQueue::Task final : public TurnEndTask, public base::ListNode<Task> {
 public:
  Task(TurnEndQueue& queue, TurnEndHandler& handler) : queue_(queue), handler_(handler) {
    ++queue_.task_count_;
  }
  ~Task() override {
    unlink_if_linked();
    assert(queue_.task_count_ > 0);
    --queue_.task_count_;
  }

  void schedule() override {
    if (is_linked()) return;
    const bool is_first = queue_.tasks_.is_empty();
    queue_.tasks_.push_back(*this);
    if (is_first && queue_.on_first_) queue_.on_first_();
  }
  void run() { handler_.on_turn_end(); }

 private:
  TurnEndQueue& queue_;
  TurnEndHandler& handler_;
};

std::unique_ptr<TurnEndTask> TurnEndQueue::make_task(TurnEndHandler& handler) {
  return std::make_unique<Task>(*this, handler);
}

void TurnEndQueue::run() {
  // A task that throws leaves the later ones scheduled.
  while (Task* task = tasks_.pop_front()) task->run();
}

}  // namespace rmq::transport
