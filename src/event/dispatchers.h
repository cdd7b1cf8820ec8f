// The dispatchers of a runtime: which of its event queues has a callback. Any thread.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "event/dispatcher.h"

namespace rmq::event {

class Dispatchers {
 public:
  // Gives a queue a callback, without a thread before start_added(). ARGUMENT: the queue has a
  // callback or a wake-up function. Does not wait.
  base::Status add(std::shared_ptr<EventQueue> queue, Callback callback, std::size_t threads);
  // Takes the callback of the queue away, if it has one; the events that are left stay on the
  // queue, which can then be polled. When this returns, the callback neither runs nor will run,
  // whoever took it away. Inside a callback it does not wait, so that it does not wait for itself.
  void remove(const EventQueue& queue);

  // The threads of all queues, or of one. After a failure of start(), request_stop() and join() end
  // those that were made.
  base::Status start();
  base::Status start(const EventQueue& queue);
  // Threads end once the queues they serve are empty. Does not wait.
  void request_stop();
  // After request_stop(): waits until all threads are done, at most for `wait`. False: user code is
  // still on one of them, and the threads are left to themselves. Not from one of them.
  bool join(base::Duration wait);
  // After request_stop(): leaves the threads to themselves.
  void abandon();
  bool empty() const;

  // The calling thread calls one of the callbacks.
  bool has_current_thread() const { return threads_->has_current(); }
  std::size_t thread_count() const { return threads_->count(); }

 private:
  using List = std::vector<std::shared_ptr<Dispatcher>>;
  std::shared_ptr<Dispatcher> begin_removal(const EventQueue& queue);
  std::shared_ptr<Dispatcher> find_leaving(const EventQueue& queue) const;
  std::shared_ptr<Dispatcher> find_with_threads() const;
  std::shared_ptr<Dispatcher> take_ended();

  const std::shared_ptr<DispatchThreads> threads_ = std::make_shared<DispatchThreads>();
  mutable base::Mutex mutex_;
  List serving_ RMQ_GUARDED_BY(mutex_);
  List leaving_ RMQ_GUARDED_BY(mutex_);  // taken away; their threads may still run
};

}  // namespace rmq::event
