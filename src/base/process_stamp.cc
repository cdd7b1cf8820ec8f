#include "base/process_stamp.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace rmq::base {
namespace {

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

Result<std::shared_ptr<ProcessStamp>> ProcessStamp::make() {
  void* page =
      ::mmap(nullptr, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    return make_error(ErrorCode::MEMORY,
                      std::string("no page for the process stamp: ") + std::strerror(errno));
  }
  // Linux 4.14 and later. Where it is refused a fork simply goes unnoticed.
  ::madvise(page, page_bytes(), MADV_WIPEONFORK);
  auto* byte = static_cast<unsigned char*>(page);
  *byte = 1;
  return std::shared_ptr<ProcessStamp>(new ProcessStamp(byte));
}

ProcessStamp::~ProcessStamp() { ::munmap(const_cast<unsigned char*>(page_), page_bytes()); }

}  // namespace rmq::base
