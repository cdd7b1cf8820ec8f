// The end of large memory. Giving 32 MiB back to the system takes some milliseconds, for which a
// loop thread would stand still. So a loop names a releaser while it runs, and large memory that
// ends on its thread goes there. Elsewhere it is freed at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace rmq::base {

// Below, freeing costs less than handing over. Brokers give half as much in one answer.
constexpr std::size_t kLargeMemoryBytes = 512 * 1024;

class MemoryReleaser {
 public:
  // False: the caller frees `memory`.
  virtual bool release_later(void* memory, void (*free)(void*)) noexcept = 0;

 protected:
  ~MemoryReleaser() = default;
};

// Names the releaser of the calling thread, until its end. Scopes of one thread may be nested.
class MemoryReleaserScope {
 public:
  explicit MemoryReleaserScope(MemoryReleaser& releaser) noexcept;
  ~MemoryReleaserScope();
  MemoryReleaserScope(const MemoryReleaserScope&) = delete;
  MemoryReleaserScope& operator=(const MemoryReleaserScope&) = delete;

 private:
  void* const before_;
};

// Any thread.
void release_memory(void* memory, std::size_t bytes, void (*free)(void*)) noexcept;

// Throws std::bad_alloc.
std::shared_ptr<const std::string> share_text(std::string text);

}  // namespace rmq::base
