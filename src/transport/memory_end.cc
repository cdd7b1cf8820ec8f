#include "transport/memory_end.h"

#include <unistd.h>

#include <memory>
#include <new>

namespace rmq::transport {
namespace {

class ReleaseJob final : public Job {
 public:
  ReleaseJob(void* memory, void (*free)(void*)) : memory_(memory), free_(free) {}

  void run() noexcept override { free_(memory_); }
  void done() noexcept override {}

 private:
  void* const memory_;
  void (*const free_)(void*);
};

}  // namespace

MemoryEnd::MemoryEnd(Executor& executor) : executor_(executor), process_(::getpid()) {}

bool MemoryEnd::release_later(void* memory, void (*free)(void*)) noexcept {
  if (::getpid() != process_) return false;
  try {
    return executor_.submit(std::make_unique<ReleaseJob>(memory, free)).ok();
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace rmq::transport
