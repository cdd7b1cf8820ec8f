// Which threads call functions of the user, for all event queues of one runtime. Any thread.
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace rmq::event {

class DispatchThreads {
 public:
  // The calling thread is one of them.
  bool has_current() const;
  // Threads that were begun and have not ended.
  std::size_t count() const;

  // False: some are left at that time.
  bool wait_until_none(base::Condition::TimePoint time);

  // Of a thread: begun before it starts (may want memory), entered on it, ended as its last word.
  void note_begun();
  void note_entered() noexcept;
  void note_ended(bool was_entered) noexcept;

 private:
  mutable base::Mutex mutex_;
  base::Condition none_;
  std::size_t count_ RMQ_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread::id> ids_ RMQ_GUARDED_BY(mutex_);
};

}  // namespace rmq::event
