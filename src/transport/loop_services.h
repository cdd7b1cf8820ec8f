// What a loop owns of the services that it hands out: they end before the loop does.
#pragma once

#include "transport/loop.h"

namespace rmq::transport {

class OwnedResolver : public Resolver {
 public:
  // No answer comes afterwards. Waits so long at most for look-ups that are under way. Idempotent.
  virtual void close(base::Duration wait_max) = 0;
};

class OwnedExecutor : public Executor {
 public:
  virtual void close() = 0;  // every job taken is run and done; submit fails from then on
};

}  // namespace rmq::transport
