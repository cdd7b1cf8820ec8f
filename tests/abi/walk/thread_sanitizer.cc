// What the thread sanitizer has to be told of two libraries that it cannot look into.
#ifdef __SANITIZE_THREAD__

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>

// libc's time zone is guarded by a lock of libc's own, which the sanitizer does not see.
extern "C" [[gnu::visibility("default")]] const char* __tsan_default_suppressions() {
  return "race:tzset_internal\n";
}

// libuv closes descriptors by a bare system call. The sanitizer would take the next owner of such a
// number for a second user of the old descriptor, so the call goes to the `close` that it watches.
extern "C" [[gnu::visibility("default")]] long syscall(long number, ...) noexcept {
  using Syscall = long (*)(long, ...);
  static const auto next = reinterpret_cast<Syscall>(::dlsym(RTLD_NEXT, "syscall"));
  std::va_list rest;
  va_start(rest, number);
  long values[6];
  for (long& value : values) value = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_close) return ::close(static_cast<int>(values[0]));
  return next(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

#endif
