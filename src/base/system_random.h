// Random numbers for what must differ between processes: ids and seeds. Not for secrets.
#pragma once

#include <cstdint>

namespace rmq::base {

// Differs between processes and between calls, whatever the wall clock says and however alike two
// containers are. Any thread; never blocks, never fails. Where the kernel refuses its random
// numbers, those that it gave this process at its start are mixed with numbers that differ in each
// call.
std::uint64_t system_random() noexcept;

// What is left when the kernel refuses: for tests.
std::uint64_t random_without_kernel() noexcept;

}  // namespace rmq::base
