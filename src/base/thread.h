// Threads of the library. Nothing else in the tree creates any. Every thread blocks all signals, so
// that the host's handlers never run on it, is named "rmq-...", and ends when its entry returns or
// throws.
#pragma once

#include <pthread.h>

#include <functional>
#include <string_view>

#include "base/error.h"

namespace rmq::base {

// Owned by whoever started it, who joins it; the destructor joins too. Not thread-safe itself.
class Thread {
 public:
  Thread() = default;
  ~Thread() { join(); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  // `name` follows "rmq-", at most 11 bytes are shown. THREADS when the system gives no thread;
  // nothing has run then. An exception that leaves `entry` ends the thread and nothing else.
  // `stack_bytes` 0: the system's default.
  Status start(std::string_view name, std::function<void()> entry, std::size_t stack_bytes = 0);
  bool started() const { return started_; }
  // Waits for the end; at once when not started or joined before.
  void join();

  // For a thread that sits in a system call which cannot be ended (a name look-up): leaves it to
  // itself. The entry must keep alive whatever the thread still touches. The thread will return
  // through this library's code, so the library stays mapped from now on, dlclose or not.
  void abandon();

 private:
  pthread_t thread_{};
  bool started_ = false;
};

}  // namespace rmq::base
