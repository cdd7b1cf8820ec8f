// The callback door: threads that take events off queues and call the user's functions, holding no
// lock. Shared by the runtime and its own threads. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"
#include "event/event_queue.h"

namespace rmq::event {

// Returns true when the user keeps the event.
using Callback = std::function<bool(Event& event)>;

class Dispatcher final : public std::enable_shared_from_this<Dispatcher> {
 public:
  Dispatcher() = default;
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  ~Dispatcher();

  // The queue has neither a callback nor a wake-up function.
  void add(std::shared_ptr<EventQueue> queue, Callback callback);
  // Takes the callback of the queue away, if it has one; the events that are left stay on the
  // queue, which can then be polled. When this returns, the callback neither runs nor will run.
  // Inside a callback it does not wait, so that it does not wait for itself.
  void remove(const EventQueue& queue);
  bool empty() const;

  // Makes no thread when there is no callback. After a failure, and after join(), it may be called
  // again.
  base::Status start(std::size_t threads);
  // Threads end once the queues they serve are empty. Does not wait.
  void request_stop();
  // After request_stop(): waits until the threads are done, at most for `wait`. False: user code is
  // still on one of them, and the threads are left to themselves. Not from one of them.
  bool join(base::Duration wait);
  // After request_stop(): leaves the threads to themselves.
  void abandon();

  bool is_own_thread() const;
  std::size_t thread_count() const;

 private:
  // A queue and its callback, shared by the list and by the calls under way.
  struct Served {
    Served(std::shared_ptr<EventQueue> its_queue, Callback its_callback)
        : queue(std::move(its_queue)), callback(std::move(its_callback)) {}
    const std::shared_ptr<EventQueue> queue;
    const Callback callback;
    int calls = 0;  // threads that are about to take an event, or call; guarded by mutex_
  };
  using ServedList = std::vector<std::shared_ptr<Served>>;
  class Call;

  base::Status start(base::Thread& thread);
  void count_thread(int change);
  static void wake_up(void* self);
  void run();
  bool serve_once();
  std::shared_ptr<Served> begin_call(std::size_t place);
  void end_call(Served& served);
  void wait_for_calls(const Served& served);
  ServedList::iterator find(const EventQueue& queue) RMQ_REQUIRES(mutex_);

  // Held while a queue gets or loses its callback and the wake-up that belongs to it. Before
  // mutex_.
  base::Mutex attaching_;
  base::Mutex joining_;
  std::vector<std::unique_ptr<base::Thread>> threads_ RMQ_GUARDED_BY(joining_);

  mutable base::Mutex mutex_;
  base::Condition work_;
  base::Condition ended_;
  base::Condition calls_ended_;
  ServedList served_ RMQ_GUARDED_BY(mutex_);
  std::uint64_t wake_ups_ RMQ_GUARDED_BY(mutex_) = 0;
  bool stopping_ RMQ_GUARDED_BY(mutex_) = false;
  int running_ RMQ_GUARDED_BY(mutex_) = 0;  // threads, from before their start
  std::vector<std::thread::id> ids_ RMQ_GUARDED_BY(mutex_);
};

}  // namespace rmq::event
