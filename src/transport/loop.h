// The world as everything above transport/ sees it: time, timers, streams, names, randomness and
// work off the loop. Production gives it libuv (uv_loop.h); tests and simulations give it memory
// and a hand-turned clock (memory_loop.h). Loop thread only, except where a method says otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/instant.h"
#include "transport/address.h"
#include "transport/byte_stream.h"

namespace rmq::transport {

class TimerHandler {
 public:
  virtual void on_timer() = 0;

 protected:
  ~TimerHandler() = default;
};

// One shot. Destroying a timer disarms it; both are legal inside on_timer. Arming needs no memory:
// what waits must never be without its timer.
class Timer {
 public:
  virtual ~Timer() = default;
  // Replaces an earlier due time; a due time in the past fires in the next turn.
  virtual void arm(base::Instant due) noexcept = 0;
  virtual void disarm() noexcept = 0;
};

// Something to be done once at the end of the present loop turn, after everything that is ready was
// handled. This is how many small writes become one. Owned by its user; destroying it takes it off
// the list.
class TurnEndTask {
 public:
  virtual ~TurnEndTask() = default;
  virtual void schedule() = 0;  // idempotent until it ran; legal inside the task itself (runs again
                                // in the same turn end)
};

class TurnEndHandler {
 public:
  virtual void on_turn_end() = 0;

 protected:
  ~TurnEndHandler() = default;
};

// A wake-up from other threads. wake() may be called from any thread (async-signal-unsafe), is
// coalesced, never blocks, and costs one atomic operation when a wake-up is already pending.
class WakeUpHandler {
 public:
  virtual void on_wake_up() = 0;

 protected:
  ~WakeUpHandler() = default;
};

class WakeUp {
 public:
  virtual ~WakeUp() = default;
  virtual void wake() = 0;  // any thread
};

// A pending name look-up. Destroying it forgets the answer.
class Resolution {
 public:
  virtual ~Resolution() = default;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // `done` is called once on the loop thread, never inside this call, with at least one address or
  // an error (CANNOT_RESOLVE). It gets no address when memory was too short even for an error.
  // Literals are answered without a look-up. The caller keeps the deadline.
  using Done = std::function<void(base::Result<std::vector<SocketAddress>>)>;
  virtual std::unique_ptr<Resolution> resolve(const HostPort& name, Done done) = 0;
};

// Work that must not hold up the loop (compression, decompression, file access): a pool of threads,
// inline, or simulated.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() noexcept = 0;  // off the loop (inline executors: on it)
  virtual void
  done() noexcept = 0;  // on the loop thread afterwards, also when the executor is closing
};

class Executor {
 public:
  virtual ~Executor() = default;
  virtual base::Status submit(std::unique_ptr<Job> job) = 0;  // bounded; QUEUE_FULL beyond
};

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  std::uint64_t below(std::uint64_t bound) { return bound ? next() % bound : 0; }
};

class Loop {
 public:
  virtual ~Loop() = default;

  virtual base::Instant now() const = 0;  // of the present turn: cheap
  virtual std::int64_t wall_ms() const = 0;

  // All of these throw std::bad_alloc, nothing else. The objects must be destroyed before the loop.
  virtual std::unique_ptr<Timer> make_timer(TimerHandler& handler) = 0;
  virtual std::unique_ptr<TurnEndTask> make_turn_end_task(TurnEndHandler& handler) = 0;
  virtual std::unique_ptr<WakeUp> make_wake_up(WakeUpHandler& handler) = 0;
  virtual std::unique_ptr<ByteStream> make_stream() = 0;
  virtual base::Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                                         ListenerHandler& handler) = 0;

  virtual Resolver& resolver() = 0;
  virtual Executor& executor() = 0;
  virtual Random& random() = 0;
};

}  // namespace rmq::transport
