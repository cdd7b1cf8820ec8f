// The callback door of one event queue: threads that take its events and call the user's function,
// holding no lock. Shared by the list of the runtime and by its own threads. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"
#include "event/dispatch_threads.h"
#include "event/event_queue.h"

namespace rmq::event {

// Returns true when the user keeps the event.
using Callback = std::function<bool(Event& event)>;

class Dispatcher final : public std::enable_shared_from_this<Dispatcher> {
 public:
  // Null: the queue has a callback or a wake-up function. Does not wait, and makes no thread.
  static std::shared_ptr<Dispatcher> make(std::shared_ptr<EventQueue> queue, Callback callback,
                                          std::size_t threads,
                                          std::shared_ptr<DispatchThreads> all_threads);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  bool serves(const EventQueue& queue) const { return queue_.get() == &queue; }

  // After a failure some of its threads may run. May be called again when they have ended.
  base::Status start();
  // Threads end once the queue is empty. Does not wait.
  void request_stop() { stop(Stop::when_empty); }
  // Takes the callback away; events that are left stay on the queue, which can then be polled. With
  // `waits`, the callback neither runs nor will run when this returns.
  void end(bool waits);
  // Until no thread of this dispatcher is left. Not from one of them.
  void wait_until_ended();
  bool has_ended() const;

  // What is left of threads: to be joined when they have ended, or left to themselves.
  bool has_threads() const;
  void join_threads();
  void abandon();

 private:
  enum class Stop : int { no, when_empty, at_once };

  Dispatcher(std::shared_ptr<EventQueue> queue, Callback callback, std::size_t threads,
             std::shared_ptr<DispatchThreads> all_threads);
  void stop(Stop how);
  base::Status start(base::Thread& thread);
  void note_ended(bool was_entered);
  static void wake_up(void* self);
  void run();
  bool serve_one();

  const std::shared_ptr<EventQueue> queue_;
  const Callback callback_;
  const std::size_t threads_wanted_;
  const std::shared_ptr<DispatchThreads> all_threads_;

  mutable base::Mutex joining_;
  std::vector<std::unique_ptr<base::Thread>> threads_ RMQ_GUARDED_BY(joining_);

  mutable base::Mutex mutex_;
  base::Condition work_;
  base::Condition ended_;
  std::atomic<Stop> stop_{Stop::no};  // written with mutex_ held
  std::uint64_t wake_ups_ RMQ_GUARDED_BY(mutex_) = 0;
  std::size_t running_ RMQ_GUARDED_BY(mutex_) = 0;  // threads, from before their start
  bool is_of_queue_ RMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace rmq::event
