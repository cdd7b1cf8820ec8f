// Handles of the library as the walk holds them: counted, so that nobody destroys one while another
// thread is inside a call on it. The last user destroys, in whatever order that comes to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "rocketmq_c.h"

namespace rmq::walk {

// How many operations that yield an event here were accepted, and how many events came.
struct QueueCount {
  std::atomic<std::int64_t> accepted{0};
  std::atomic<std::int64_t> seen{0};
};

// What a wake-up function or a callback is called with. A call that begins or goes on after the end
// of the function is a finding; the memory is freed at the end, so that sanitizers see later
// touches too.
class HostFunction {
 public:
  HostFunction(std::shared_ptr<QueueCount> its_count, std::mutex& host_mutex)
      : count(std::move(its_count)), host_mutex_(host_mutex) {}
  ~HostFunction() { mark_ = kEnded; }
  void enter();

  const std::shared_ptr<QueueCount> count;

 private:
  static constexpr std::uint32_t kAlive = 0x5afe5afe;
  static constexpr std::uint32_t kEnded = 0xdeadbeef;
  std::mutex& host_mutex_;
  std::atomic<std::uint32_t> mark_{kAlive};
};

struct RuntimeHandle {
  RuntimeHandle(rmq_runtime_t* its_handle, bool driven) : handle(its_handle), is_driven(driven) {}
  ~RuntimeHandle();

  rmq_runtime_t* const handle;
  const bool is_driven;
  std::atomic<bool> is_stepped{false};
  // Of the default event queue, which lives as long as the runtime.
  std::mutex function_mutex;
  std::unique_ptr<HostFunction> wake_up;
  std::unique_ptr<HostFunction> callback;
};

struct Queue {
  // An owned queue, or the default one of `runtime` when `owned` is null.
  Queue(std::shared_ptr<RuntimeHandle> its_runtime, rmq_event_queue_t* owned);
  ~Queue();

  std::mutex& function_mutex() { return owned ? own_mutex : runtime->function_mutex; }
  std::unique_ptr<HostFunction>& wake_up() { return owned ? own_wake_up : runtime->wake_up; }
  std::unique_ptr<HostFunction>& callback() { return owned ? own_callback : runtime->callback; }

  // An owned queue does not keep its runtime: the two go in any order.
  const std::shared_ptr<RuntimeHandle> runtime;
  const std::weak_ptr<RuntimeHandle> made_on;
  rmq_event_queue_t* const owned;
  rmq_event_queue_t* const handle;
  const std::shared_ptr<QueueCount> count = std::make_shared<QueueCount>();
  std::mutex own_mutex;
  std::unique_ptr<HostFunction> own_wake_up;
  std::unique_ptr<HostFunction> own_callback;
};

struct Runtime {
  std::shared_ptr<RuntimeHandle> handle;
  std::shared_ptr<Queue> default_queue;
};

struct Producer {
  ~Producer() { rmq_producer_destroy(handle); }
  rmq_producer_t* handle = nullptr;
  std::shared_ptr<Queue> queue;
};

struct Consumer {
  ~Consumer() { rmq_consumer_destroy(handle); }
  rmq_consumer_t* handle = nullptr;
  std::shared_ptr<Queue> queue;
};

}  // namespace rmq::walk
