// Asks the kernel for what libuv is about to ask it for. Where libuv is refused some of this it
// ends the process, or leaves descriptors open for good, so it must not come that far.
#pragma once

#include "base/error.h"

namespace rmq::transport {

// DESCRIPTORS, MEMORY: there are too few. START_FAILED: a call that an event loop needs is refused,
// as in a sandbox. Everything is closed again. Any thread.
base::Status check_that_host_allows_a_loop();

}  // namespace rmq::transport
