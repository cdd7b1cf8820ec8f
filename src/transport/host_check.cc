#include "transport/host_check.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace rmq::transport {
namespace {

// What is opened, closed at the end.
class Opened {
 public:
  ~Opened() {
    for (std::size_t i = 0; i < count_; ++i) ::close(descriptors_[i]);
  }
  int keep(int descriptor) { return descriptors_[count_++] = descriptor; }

 private:
  std::array<int, 8> descriptors_{};
  std::size_t count_ = 0;
};

base::Error refused(const char* call, int cause) {
  const bool is_full = cause == EMFILE || cause == ENFILE;
  const bool has_no_memory = cause == ENOMEM || cause == ENOBUFS;
  const auto code = is_full         ? base::ErrorCode::DESCRIPTORS
                    : has_no_memory ? base::ErrorCode::MEMORY
                                    : base::ErrorCode::START_FAILED;
  return base::make_error(
      code, std::string("creating an event loop: ") + call + ": " + std::strerror(cause),
      is_full         ? "raise the limit on open descriptors (RLIMIT_NOFILE), or close some"
      : has_no_memory ? ""
                      : "allow this system call in the sandbox");
}

// Whether the calls that follow the opening work, too.
base::Status check_polling(int poll, int event) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, event, &wanted) != 0) return refused("epoll_ctl", errno);
  const std::uint64_t one = 1;
  if (::write(event, &one, sizeof one) != sizeof one) return refused("write", errno);
  // libuv uses the one or the other, and the other where the one is not there.
  epoll_event found{};
  const bool can_wait = ::epoll_wait(poll, &found, 1, 0) >= 0;
  const int wait_error = can_wait ? 0 : errno;
  const bool can_pwait = ::epoll_pwait(poll, &found, 1, 0, nullptr) >= 0;
  const int pwait_error = can_pwait ? 0 : errno;
  if (!can_wait && (wait_error != ENOSYS || !can_pwait)) return refused("epoll_wait", wait_error);
  if (!can_pwait && pwait_error != ENOSYS) return refused("epoll_pwait", pwait_error);
  return {};
}

}  // namespace

base::Status check_that_host_allows_a_loop() {
  Opened opened;
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) return refused("epoll_create1", errno);
  opened.keep(poll);
  // The wake-up, and the one that libuv keeps in reserve for accepting.
  for (int i = 0; i < 2; ++i) {
    const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event < 0) return refused("eventfd", errno);
    opened.keep(event);
    if (i > 0) continue;
    if (auto status = check_polling(poll, event); !status.ok()) return status;
  }
  // For signals: one pipe of the process and one of the loop.
  for (int i = 0; i < 2; ++i) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return refused("pipe2", errno);
    opened.keep(ends[0]);
    opened.keep(ends[1]);
  }
  return {};
}

}  // namespace rmq::transport
