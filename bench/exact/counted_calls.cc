#include "bench/exact/counted_calls.h"

#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>

namespace rmq::bench {
namespace {

bool is_counting = false;
CallCounts counts;

}  // namespace

Counting::Counting() { is_counting = true; }
Counting::~Counting() { is_counting = false; }
CallCounts call_counts() { return counts; }

namespace {

// The function of the C library behind one of ours.
template <typename Function>
Function* next(Function*& found, const char* name) {
  if (is_counting) ++counts.system_calls;
  if (!found) found = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
  return found;
}

void count_allocation() {
  if (is_counting) ++counts.allocations;
}

}  // namespace
}  // namespace rmq::bench

using rmq::bench::count_allocation;
using rmq::bench::next;

// The executable's own definitions come before those of the C library, for the libraries too.
#pragma GCC visibility push(default)
extern "C" {

void* __libc_malloc(std::size_t size);                           // NOLINT: glibc's name
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT
void* __libc_realloc(void* block, std::size_t size);             // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT

void* malloc(std::size_t size) {
  count_allocation();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  count_allocation();
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  count_allocation();
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count_allocation();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  count_allocation();
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : 12;  // ENOMEM
}

#define RMQ_COUNTED(result, name, parameters, arguments) \
  result name parameters {                               \
    static decltype(name)* found;                        \
    return next(found, #name) arguments;                 \
  }

RMQ_COUNTED(ssize_t, read, (int fd, void* to, std::size_t size), (fd, to, size))
RMQ_COUNTED(ssize_t, write, (int fd, const void* from, std::size_t size), (fd, from, size))
RMQ_COUNTED(ssize_t, readv, (int fd, const iovec* to, int count), (fd, to, count))
RMQ_COUNTED(ssize_t, writev, (int fd, const iovec* from, int count), (fd, from, count))
RMQ_COUNTED(ssize_t, send, (int fd, const void* from, std::size_t size, int flags),
            (fd, from, size, flags))
RMQ_COUNTED(ssize_t, recv, (int fd, void* to, std::size_t size, int flags), (fd, to, size, flags))
RMQ_COUNTED(ssize_t, sendmsg, (int fd, const msghdr* message, int flags), (fd, message, flags))
RMQ_COUNTED(ssize_t, recvmsg, (int fd, msghdr* message, int flags), (fd, message, flags))
RMQ_COUNTED(int, epoll_wait, (int fd, epoll_event* events, int count, int timeout_ms),
            (fd, events, count, timeout_ms))
RMQ_COUNTED(int, epoll_pwait,
            (int fd, epoll_event* events, int count, int timeout_ms, const sigset_t* mask),
            (fd, events, count, timeout_ms, mask))
RMQ_COUNTED(int, epoll_ctl, (int fd, int what, int other, epoll_event* event) noexcept,
            (fd, what, other, event))
RMQ_COUNTED(int, poll, (pollfd * fds, nfds_t count, int timeout_ms), (fds, count, timeout_ms))

}  // extern "C"
#pragma GCC visibility pop
