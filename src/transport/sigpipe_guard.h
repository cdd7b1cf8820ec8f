// Keeps a SIGPIPE of our own writes from the host. It blocks the signal on the calling thread. On
// the way out it takes one that became pending meanwhile, then restores the mask. A SIGPIPE that
// was pending before stays for the host. Changes no disposition.
#pragma once

#include <signal.h>

namespace rmq::transport {

class SigpipeGuard {
 public:
  SigpipeGuard();
  ~SigpipeGuard();
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t before_;
  bool was_blocked_ = false;
  bool was_pending_ = false;
};

}  // namespace rmq::transport
