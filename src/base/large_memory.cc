#include "base/large_memory.h"

#include <pthread.h>

#include <utility>

namespace rmq::base {
namespace {

// No thread_local: where a library is loaded late, its first use allocates, and ends the process
// when there is no memory.
class ThreadKey {
 public:
  ThreadKey() noexcept : is_made_(::pthread_key_create(&key_, nullptr) == 0) {}
  ~ThreadKey() {
    if (is_made_) ::pthread_key_delete(key_);
  }
  void* get() const noexcept { return is_made_ ? ::pthread_getspecific(key_) : nullptr; }
  // Without memory the thread stays as it was, and frees what it ends by itself.
  void set(void* value) const noexcept {
    if (is_made_) static_cast<void>(::pthread_setspecific(key_, value));
  }

 private:
  pthread_key_t key_{};
  const bool is_made_;
};

const ThreadKey releaser_of_thread;

void free_text(void* text) { delete static_cast<std::string*>(text); }

}  // namespace

MemoryReleaserScope::MemoryReleaserScope(MemoryReleaser& releaser) noexcept
    : before_(releaser_of_thread.get()) {
  releaser_of_thread.set(&releaser);
}

MemoryReleaserScope::~MemoryReleaserScope() { releaser_of_thread.set(before_); }

void release_memory(void* memory, std::size_t bytes, void (*free)(void*)) noexcept {
  if (bytes >= kLargeMemoryBytes) {
    auto* const releaser = static_cast<MemoryReleaser*>(releaser_of_thread.get());
    if (releaser != nullptr && releaser->release_later(memory, free)) return;
  }
  free(memory);
}

std::shared_ptr<const std::string> share_text(std::string text) {
  auto owned = std::make_unique<std::string>(std::move(text));
  return {owned.release(),
          [](std::string* shared) { release_memory(shared, shared->capacity(), free_text); }};
}

}  // namespace rmq::base
