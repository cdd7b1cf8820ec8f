// The callback door: threads that take events off queues and call the user's functions, holding no
// lock. Shared by the runtime and its own threads. add() and start() before anything runs; the rest
// from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

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

  void add(std::shared_ptr<EventQueue> queue, Callback callback);
  bool empty() const { return served_.empty(); }

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
  struct Served {
    std::shared_ptr<EventQueue> queue;
    Callback callback;
  };
  static void wake_up(void* self);
  void run();
  bool serve_once();

  std::vector<Served> served_;
  std::vector<std::unique_ptr<base::Thread>> threads_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable work_;
  std::condition_variable ended_;
  std::uint64_t wake_ups_ = 0;
  bool stopping_ = false;
  int running_ = 0;  // threads
  std::vector<std::thread::id> ids_;
};

}  // namespace rmq::event
