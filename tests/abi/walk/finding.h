// What the walk reports when the library broke a promise of its header: one line, and the process
// ends.
#pragma once

#include <string>

namespace rmq::walk {

// The seed is named in every finding.
void set_seed(unsigned long long seed);
[[noreturn]] void report_finding(const std::string& what);

}  // namespace rmq::walk
