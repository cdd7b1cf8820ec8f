// Tells a process from its forked child by a page that the kernel wipes in the child, which costs
// no system call. Where the kernel does not offer that, the process id tells. One per runtime,
// shared by all that hangs on it. Any thread.
#pragma once

#include <sys/types.h>

#include <memory>

#include "base/error.h"

namespace rmq::base {

class ProcessStamp {
 public:
  static Result<std::shared_ptr<ProcessStamp>> make();
  ~ProcessStamp();
  ProcessStamp(const ProcessStamp&) = delete;
  ProcessStamp& operator=(const ProcessStamp&) = delete;

  // True in a process that was forked after the stamp was made.
  bool forked() const { return page_ != nullptr ? *page_ == 0 : is_other_process(); }

 private:
  explicit ProcessStamp(volatile unsigned char* page);
  bool is_other_process() const;

  volatile unsigned char* const page_;  // null: the kernel would not wipe it
  const pid_t process_;
};

}  // namespace rmq::base
