#include "transport/standard_descriptors.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace rmq::transport {
namespace {

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; }

}  // namespace

StandardDescriptors::StandardDescriptors() noexcept {
  while (!is_open(0) || !is_open(1) || !is_open(2)) {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC);
    if (!is_one(descriptor)) {
      // None is left for what follows, or another thread took the number: both end this.
      if (descriptor >= 0) ::close(descriptor);
      return;
    }
    is_held_[descriptor] = true;
  }
}

StandardDescriptors::~StandardDescriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (is_held_[descriptor]) ::close(descriptor);
  }
}

}  // namespace rmq::transport
