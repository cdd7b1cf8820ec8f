#include "tests/abi/walk/watchdog.h"

#include <chrono>
#include <string>

#include "tests/abi/walk/finding.h"

namespace rmq::walk {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(20);
// A guard against hanging, wide enough for slow machines under sanitizers.
constexpr int kLooksMax = 6000;

}  // namespace

Watchdog::Watchdog(const std::vector<std::unique_ptr<Walker>>& walkers)
    : walkers_(walkers), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    is_ended_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  std::vector<Seen> seen(walkers_.size());
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kInterval, [this] { return is_ended_; })) {
    lock.unlock();
    for (std::size_t i = 0; i < walkers_.size(); ++i) look(*walkers_[i], seen[i]);
    lock.lock();
  }
}

void Watchdog::look(Walker& walker, Seen& seen) {
  if (walker.calls() != seen.calls) {
    seen = {walker.calls(), 0};
    return;
  }
  ++seen.looks;
  if (const auto runtime = walker.awaited()) rmq_runtime_close(runtime->handle, 50, nullptr);
  if (seen.looks >= kLooksMax) {
    report_finding("a call hangs in the action " + std::string(walker.action()));
  }
}

}  // namespace rmq::walk
