#include "client/event_queues.h"

namespace rmq::client {

base::Result<std::shared_ptr<event::EventQueue>> EventQueues::make() {
  auto queue = std::make_shared<event::EventQueue>(log_events_max_);
  base::MutexLock lock(mutex_);
  if (is_finished_) return base::make_error(base::ErrorCode::CLOSED, "the runtime is closed");
  queues_.push_back(queue);
  return queue;
}

void EventQueues::forget(const event::EventQueue& queue) {
  base::MutexLock lock(mutex_);
  std::erase_if(queues_, [&](const auto& other) { return other.get() == &queue; });
}

void EventQueues::finish_all() noexcept {
  List queues;
  {
    base::MutexLock lock(mutex_);
    is_finished_ = true;
    queues.swap(queues_);
  }
  for (const auto& queue : queues) queue->finish();
}

}  // namespace rmq::client
