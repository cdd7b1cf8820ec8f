// Tells a process from its forked child without a system call: a page that the kernel wipes in the
// child. One per runtime, shared by all that hangs on it. Any thread.
#pragma once

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
  bool forked() const { return *page_ == 0; }

 private:
  explicit ProcessStamp(volatile unsigned char* page) : page_(page) {}
  volatile unsigned char* page_;
};

}  // namespace rmq::base
