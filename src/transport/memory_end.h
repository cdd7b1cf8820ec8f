// What a loop names to base/large_memory.h: large memory ends as a job of its executor.
#pragma once

#include <sys/types.h>

#include "base/large_memory.h"
#include "transport/loop.h"

namespace rmq::transport {

class MemoryEnd final : public base::MemoryReleaser {
 public:
  explicit MemoryEnd(Executor& executor);

  bool release_later(void* memory, void (*free)(void*)) noexcept override;

 private:
  Executor& executor_;
  const pid_t process_;  // a forked child has no executor
};

}  // namespace rmq::transport
