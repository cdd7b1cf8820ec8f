// Counts what a message costs besides instructions: calls of malloc and its relatives, and system
// calls made through the C library. Only inside a Counting scope; one thread at a time.
#pragma once

namespace rmq::bench {

struct CallCounts {
  unsigned long allocations = 0;
  unsigned long system_calls = 0;
};

// Everything is counted until the scope ends.
class Counting {
 public:
  Counting();
  ~Counting();
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
};

CallCounts call_counts();

}  // namespace rmq::bench
