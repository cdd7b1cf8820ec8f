// How many blocks of memory this process has allocated with operator new and not freed.
#pragma once

#include <cstdint>

namespace rmq::sim {

// Not counted in builds with sanitizers, which have their own.
std::int64_t count_blocks();

}  // namespace rmq::sim
