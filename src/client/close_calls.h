// The close calls of one runtime, producer or consumer: their time limit, and those that wait for
// the end.
#pragma once

#include <atomic>
#include <cstddef>

#include "base/intrusive_list.h"
#include "client/control_operation.h"
#include "config/config.h"

namespace rmq::client {

// What a close has ended that was to end by itself: "<count> <what>".
struct CutShort {
  std::size_t count = 0;
  const char* what = "";
  const char* hint = "";
};

class CloseCalls {
 public:
  explicit CloseCalls(base::Duration timeout) : timeout_(timeout) {}

  // Any thread. A timeout of zero means the option close_timeout.
  base::Duration limit_of(base::Duration timeout) const {
    return timeout == base::Duration::zero() ? timeout_.load() : timeout;
  }
  // Takes over close_timeout, if it is set there.
  void update(const config::Config& changes);

  // Loop thread.
  void add(ControlOperation& close) noexcept { waiting_.push_back(close); }
  // Each call that waits ends: as RMQ_OK, or as CLOSE_TIMEOUT when something was cut short.
  void end(ClientCore& core, const CutShort& cut_short) noexcept;

 private:
  std::atomic<base::Duration> timeout_;
  base::IntrusiveList<ControlOperation, ControlOperation> waiting_;
};

}  // namespace rmq::client
