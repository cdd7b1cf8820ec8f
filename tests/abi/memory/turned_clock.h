// The monotonic clock of a whole test program, which runs ahead when told so. What waits in the
// kernel does not notice.
#pragma once

#include <chrono>

namespace rmq::test::abi {

void turn_clock(std::chrono::nanoseconds by);

}  // namespace rmq::test::abi
