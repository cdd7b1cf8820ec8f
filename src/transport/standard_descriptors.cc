#include "transport/standard_descriptors.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>

#include "base/mutex.h"

namespace rmq::transport {
namespace {

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; }

// What fills the numbers, for all guards of this process.
class Fillers {
 public:
  void enter() noexcept {
    base::MutexLock lock(mutex_);
    ++guards_;
    while (!is_open(0) || !is_open(1) || !is_open(2)) {
      const int descriptor = ::eventfd(0, EFD_CLOEXEC);
      if (!StandardDescriptors::is_one(descriptor)) {
        // None is left for what follows, or the host took the number: both end this.
        if (descriptor >= 0) ::close(descriptor);
        return;
      }
      is_filler_[descriptor] = true;
    }
  }
  void leave() noexcept {
    base::MutexLock lock(mutex_);
    if (--guards_ == 0) close_all();
  }
  // In a forked child, where the other threads' guards and the lock's owner are gone.
  void begin_again() noexcept RMQ_THREAD_ANNOTATION(no_thread_safety_analysis) {
    close_all();
    std::destroy_at(&mutex_);
    std::construct_at(&mutex_);
    guards_ = 0;
  }

 private:
  void close_all() noexcept RMQ_REQUIRES(mutex_) {
    for (int descriptor = 0; descriptor <= 2; ++descriptor) {
      if (is_filler_[descriptor]) ::close(descriptor);
      is_filler_[descriptor] = false;
    }
  }

  base::Mutex mutex_;
  int guards_ RMQ_GUARDED_BY(mutex_) = 0;
  bool is_filler_[3] RMQ_GUARDED_BY(mutex_) = {false, false, false};
};

Fillers& fillers() {
  static Fillers shared;
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { fillers().begin_again(); });
  static_cast<void>(registered);
  return shared;
}

}  // namespace

StandardDescriptors::StandardDescriptors() noexcept { fillers().enter(); }

StandardDescriptors::~StandardDescriptors() { fillers().leave(); }

}  // namespace rmq::transport
