#include "base/system_random.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <ctime>

#ifdef __linux__
#include <sys/auxv.h>
#endif

namespace rmq::base {
namespace {

// The finisher of SplitMix64: every bit of the input changes half of the output's.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

std::uint64_t nanoseconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(time.tv_nsec);
}

bool read_device(std::uint64_t* number) {
  const int device = ::open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (device < 0) return false;
  const bool is_read = ::read(device, number, sizeof *number) == sizeof *number;
  ::close(device);
  return is_read;
}

}  // namespace

std::uint64_t random_without_kernel() noexcept {
  static std::atomic<std::uint64_t> calls{0};
  std::uint64_t state = mix(static_cast<std::uint64_t>(::getpid()));
#ifdef __linux__
  // 16 random bytes that the kernel gives each program at its start.
  std::uint64_t given[2] = {0, 0};
  if (const auto address = ::getauxval(AT_RANDOM); address != 0) {
    std::memcpy(given, reinterpret_cast<const void*>(address), sizeof given);
  }
  state = mix(state ^ given[0]);
  state = mix(state ^ given[1]);
#endif
  state = mix(state ^ nanoseconds(CLOCK_MONOTONIC));
  state = mix(state ^ nanoseconds(CLOCK_REALTIME));
  state = mix(state ^ reinterpret_cast<std::uintptr_t>(&state));
  return mix(state + ++calls * 0x9E3779B97F4A7C15u);
}

std::uint64_t system_random() noexcept {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, GRND_NONBLOCK) == sizeof number) return number;
  if (read_device(&number)) return number;
  return random_without_kernel();
}

}  // namespace rmq::base
