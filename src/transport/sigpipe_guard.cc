#include "transport/sigpipe_guard.h"

#include <pthread.h>

#include <cerrno>
#include <ctime>

namespace rmq::transport {
namespace {

sigset_t only_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

bool is_pending() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

// Takes the pending signal away. False: the kernel refuses to give it out.
bool take_pending() {
  const sigset_t set = only_sigpipe();
  const timespec at_once{};
  while (sigtimedwait(&set, nullptr, &at_once) == -1) {
    if (errno == EAGAIN) return true;
    if (errno != EINTR) return false;
  }
  return true;
}

// The way that is left, as in some sandboxes: a signal that becomes ignored is no longer pending.
// For that moment other threads ignore it as well.
void discard_pending() {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  if (sigaction(SIGPIPE, &ignore, &before) == 0) sigaction(SIGPIPE, &before, nullptr);
}

}  // namespace

SigpipeGuard::SigpipeGuard() {
  was_pending_ = is_pending();
  const sigset_t set = only_sigpipe();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  was_blocked_ = sigismember(&before_, SIGPIPE) == 1;
}

SigpipeGuard::~SigpipeGuard() {
  if (!was_pending_ && is_pending() && !take_pending()) discard_pending();
  if (!was_blocked_) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace rmq::transport
