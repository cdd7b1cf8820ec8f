// A round of the walk: a world, some thousand actions of each thread, and the end of everything.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rmq::walk {

// Returns how many calls were made.
std::uint64_t run_round(std::uint64_t seed, std::size_t threads);

}  // namespace rmq::walk
