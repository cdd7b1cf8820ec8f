// A loop together with the ways to run it: a thread of its own, or the steps of a host. Production
// has UvLoop; simulations have one on memory. Methods say what UvLoop says of them.
#pragma once

#include "transport/loop.h"

namespace rmq::transport {

// Hears that a loop was woken by another thread, which may be while nobody runs it.
class LoopSleeper {
 public:
  virtual void on_loop_woken() noexcept = 0;  // any thread

 protected:
  ~LoopSleeper() = default;
};

class LoopRunner {
 public:
  // What a thread runs the loop for that does not do so until the end.
  class Run {
   public:
    // The first thing of all, as a callback of the loop.
    virtual void begin() noexcept {}
    // Asked before the first turn of the loop and after each. True: the run ends.
    virtual bool is_done() noexcept = 0;

   protected:
    ~Run() = default;
  };
  enum class RunEnd {
    done,     // is_done() was true
    stopped,  // stop() was called, and still holds for run()
    lost,     // the host has closed descriptors of the loop; only run() goes on
  };

  virtual ~LoopRunner() = default;

  virtual Loop& loop() = 0;
  virtual void run() = 0;
  virtual RunEnd run_until(Run& run) = 0;
  virtual void stop() = 0;  // any thread
  // Before anybody runs the loop; null: nobody is told.
  virtual void set_sleeper(LoopSleeper* sleeper) = 0;
  // Any thread. True: a wake-up was raised that no turn has seen yet.
  virtual bool is_woken() const = 0;
  virtual void step() = 0;
  virtual int backend_fd() const = 0;
  virtual int timeout_ms() const = 0;
  virtual void close(base::Duration look_up_wait_max) = 0;
  // In a forked child, whose copies of the sockets these are.
  virtual void close_inherited_sockets() noexcept = 0;
};

}  // namespace rmq::transport
