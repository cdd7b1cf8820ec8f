// A loop together with the ways to run it: a thread of its own, or the steps of a host. Production
// has UvLoop; simulations have one on memory. Methods say what UvLoop says of them.
#pragma once

#include "transport/loop.h"

namespace rmq::transport {

class LoopRunner {
 public:
  virtual ~LoopRunner() = default;

  virtual Loop& loop() = 0;
  virtual void run() = 0;
  virtual void stop() = 0;  // any thread
  virtual void step() = 0;
  virtual int backend_fd() const = 0;
  virtual int timeout_ms() const = 0;
  virtual void close(base::Duration look_up_wait_max) = 0;
  // In a forked child, whose copies of the sockets these are.
  virtual void close_inherited_sockets() noexcept = 0;
};

}  // namespace rmq::transport
