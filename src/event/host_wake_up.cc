#include "event/host_wake_up.h"

#include <sched.h>

#include <algorithm>
#include <limits>

#include "base/futex.h"

namespace rmq::event {

static_assert(std::atomic<std::thread::id>::is_always_lock_free, "a signal handler uses it");

HostWakeUp::~HostWakeUp() {
  delete current_.load();
  for (Registration* next = retired_.load(); next != nullptr;) {
    const std::unique_ptr<Registration> registration(next);
    next = registration->next_retired;
  }
}

HostWakeUp::Caller& HostWakeUp::enter() noexcept {
  for (;;) {
    for (Caller& caller : callers_) {
      std::thread::id nobody;
      if (caller.compare_exchange_strong(nobody, std::this_thread::get_id())) return caller;
    }
    ::sched_yield();
  }
}

void HostWakeUp::call() noexcept {
  if (!is_set()) return;
  Caller& caller = enter();
  // Read after this thread can be seen: whoever took the function away before does not wait for it.
  if (const Registration* registration = current_.load()) {
    registration->function(registration->user_data);
  }
  caller.store(std::thread::id());
  if (waiters_.load() == 0) return;
  departures_.fetch_add(1);
  base::futex_wake(departures_, std::numeric_limits<int>::max());
}

bool HostWakeUp::is_caller(std::thread::id thread) const noexcept {
  return std::any_of(callers_.begin(), callers_.end(),
                     [thread](const Caller& caller) { return caller.load() == thread; });
}

bool HostWakeUp::has_callers() const noexcept {
  return std::any_of(callers_.begin(), callers_.end(),
                     [](const Caller& caller) { return caller.load() != std::thread::id(); });
}

void HostWakeUp::wait_for_callers() noexcept {
  waiters_.fetch_add(1);
  for (;;) {
    const std::uint32_t departures = departures_.load();
    if (!has_callers()) break;
    base::futex_wait(departures_, departures, base::kNever);
  }
  waiters_.fetch_sub(1);
}

void HostWakeUp::retire(Registration* registration) noexcept {
  if (registration == nullptr) return;
  registration->next_retired = retired_.load();
  while (!retired_.compare_exchange_weak(registration->next_retired, registration)) {
  }
}

std::unique_ptr<HostWakeUp::Registration> HostWakeUp::make(WakeUpFunction function,
                                                           void* user_data) {
  if (function == nullptr) return nullptr;
  return std::unique_ptr<Registration>(new Registration{function, user_data});
}

void HostWakeUp::wait_for_former() noexcept {
  if (!is_caller(std::this_thread::get_id())) wait_for_callers();
}

void HostWakeUp::set(std::unique_ptr<Registration> fresh) noexcept {
  if (is_caller(std::this_thread::get_id())) {
    retire(current_.exchange(fresh.release()));
    return;
  }
  // Another thread may set one between the exchange and the end of the loop: it is then the former.
  for (;;) {
    const std::unique_ptr<Registration> former(current_.exchange(nullptr));
    if (former != nullptr || has_callers()) wait_for_callers();
    Registration* none = nullptr;
    if (fresh == nullptr || current_.compare_exchange_strong(none, fresh.get())) break;
  }
  static_cast<void>(fresh.release());
}

}  // namespace rmq::event
