#include "tests/abi/walk/handles.h"

#include <thread>

#include "tests/abi/walk/finding.h"

namespace rmq::walk {

void HostFunction::enter() {
  if (mark_.load() != kAlive) report_finding("a function was called after its end");
  { std::lock_guard host_lock(host_mutex_); }
  std::this_thread::yield();  // to whoever takes the function away
  if (mark_.load() != kAlive) report_finding("a function ran on after its end");
}

RuntimeHandle::~RuntimeHandle() { rmq_runtime_destroy(handle); }

Queue::Queue(std::shared_ptr<RuntimeHandle> its_runtime, rmq_event_queue_t* its_owned)
    : runtime(its_owned ? nullptr : its_runtime),
      made_on(its_runtime),
      owned(its_owned),
      handle(its_owned ? its_owned : rmq_runtime_event_queue(its_runtime->handle)) {}

Queue::~Queue() { rmq_event_queue_destroy(owned); }

}  // namespace rmq::walk
