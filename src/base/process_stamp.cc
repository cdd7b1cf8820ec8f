#include "base/process_stamp.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace rmq::base {
namespace {

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

// MADV_WIPEONFORK: Linux 4.14 and later; sandboxes and other kernels refuse it.
bool wipe_on_fork(void* page) {
#ifdef MADV_WIPEONFORK
  return ::madvise(page, page_bytes(), MADV_WIPEONFORK) == 0;
#else
  static_cast<void>(page);
  return false;
#endif
}

}  // namespace

Result<std::shared_ptr<ProcessStamp>> ProcessStamp::make() {
  void* page =
      ::mmap(nullptr, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    return make_error(ErrorCode::MEMORY,
                      std::string("no page for the process stamp: ") + std::strerror(errno));
  }
  auto* byte = static_cast<unsigned char*>(page);
  if (wipe_on_fork(page)) {
    *byte = 1;
  } else {
    ::munmap(page, page_bytes());
    byte = nullptr;
  }
  return std::shared_ptr<ProcessStamp>(new ProcessStamp(byte));
}

ProcessStamp::ProcessStamp(volatile unsigned char* page) : page_(page), process_(::getpid()) {}

ProcessStamp::~ProcessStamp() {
  if (page_ != nullptr) ::munmap(const_cast<unsigned char*>(page_), page_bytes());
}

bool ProcessStamp::is_other_process() const { return ::getpid() != process_; }

}  // namespace rmq::base
