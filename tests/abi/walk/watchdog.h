// Looks after the walkers: ends waits without limit by closing their runtime, and reports a call
// that does not return.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/abi/walk/walker.h"

namespace rmq::walk {

class Watchdog {
 public:
  explicit Watchdog(const std::vector<std::unique_ptr<Walker>>& walkers);
  ~Watchdog();

 private:
  struct Seen {
    std::uint64_t calls = 0;
    int looks = 0;  // in a row that saw the same count
  };

  void run();
  void look(Walker& walker, Seen& seen);

  const std::vector<std::unique_ptr<Walker>>& walkers_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_ended_ = false;
  std::thread thread_;
};

}  // namespace rmq::walk
