#include "base/futex.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace rmq::base {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t) &&
              std::atomic<std::uint32_t>::is_always_lock_free);

// What the system call SYS_futex takes, whatever time_t is.
struct KernelTime {
  long seconds;
  long nanoseconds;
};

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// Where the kernel refuses to wait, the caller's loop must not spin.
constexpr int kRefusedPauseMs = 1;

KernelTime to_kernel_time(Instant instant) {
  const std::int64_t count = instant.time_since_epoch().count();
  return {static_cast<long>(count / kNanosecondsPerSecond),
          static_cast<long>(count % kNanosecondsPerSecond)};
}

}  // namespace

bool futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                Instant deadline) noexcept {
  const KernelTime until = to_kernel_time(deadline);
  // Unlike FUTEX_WAIT, the bit-set form takes an absolute time.
  const long result =
      ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                deadline == kNever ? nullptr : &until, nullptr, FUTEX_BITSET_MATCH_ANY);
  if (result == 0 || errno == EAGAIN || errno == EINTR) return true;
  if (errno == ETIMEDOUT) return false;
  ::poll(nullptr, 0, kRefusedPauseMs);
  return true;
}

void futex_wake(const std::atomic<std::uint32_t>& word, int threads) noexcept {
  const int errno_before = errno;
  ::syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, threads);
  errno = errno_before;
}

}  // namespace rmq::base
