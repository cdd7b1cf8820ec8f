#include "tests/abi/memory/turned_clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace rmq::test::abi {
namespace {

constexpr long kNsOfSecond = 1'000'000'000;
std::atomic<long> ahead_ns{0};

void add(long ns, timespec* time) {
  const long sum = time->tv_nsec + ns;
  time->tv_sec += sum / kNsOfSecond;
  time->tv_nsec = sum % kNsOfSecond;
}

}  // namespace

void turn_clock(std::chrono::nanoseconds by) { ahead_ns.fetch_add(by.count()); }

}  // namespace rmq::test::abi

// In the place of the C library's, for the shared libraries of the program, too.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long code = ::syscall(SYS_clock_gettime, clock, time);
  if (code == 0 && (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE)) {
    rmq::test::abi::add(rmq::test::abi::ahead_ns.load(std::memory_order_relaxed), time);
  }
  return static_cast<int>(code);
}
