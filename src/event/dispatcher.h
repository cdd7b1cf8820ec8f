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

  // False: the queue has a callback or a wake-up function. Does not wait.
  [[nodiscard]] bool add(std::shared_ptr<EventQueue> queue, Callback callback);
  // Takes the callback of the queue away, if it has one; the events that are left stay on the
  // queue, which can then be polled. When this returns, the callback neither runs nor will run,
  // whoever took it away. Inside a callback it does not wait, so that it does not wait for itself.
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
    // Threads that are about to take an event, that call, or that take the callback away. Guarded
    // by mutex_.
    int users = 0;
  };
  using ServedList = std::vector<std::shared_ptr<Served>>;
  class Call;

  base::Status start(base::Thread& thread);
  void count_thread(int change);
  static void wake_up(void* self);
  void run();
  bool serve_once();
  std::shared_ptr<Served> begin_call(std::size_t place);
  std::shared_ptr<Served> begin_removal(const EventQueue& queue);
  void end_use(Served& served);
  void wait_for_calls(const Served& served);
  void wait_for_removal(const EventQueue& queue);

  base::Mutex joining_;
  std::vector<std::unique_ptr<base::Thread>> threads_ RMQ_GUARDED_BY(joining_);

  mutable base::Mutex mutex_;
  base::Condition work_;
  base::Condition ended_;
  base::Condition uses_ended_;
  ServedList served_ RMQ_GUARDED_BY(mutex_);
  ServedList leaving_ RMQ_GUARDED_BY(mutex_);  // taken away, and still used
  std::uint64_t wake_ups_ RMQ_GUARDED_BY(mutex_) = 0;
  bool stopping_ RMQ_GUARDED_BY(mutex_) = false;
  int running_ RMQ_GUARDED_BY(mutex_) = 0;  // threads, from before their start
  std::vector<std::thread::id> ids_ RMQ_GUARDED_BY(mutex_);
};

}  // namespace rmq::event
