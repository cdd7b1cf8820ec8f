// The wake-up function that the host has set on an event queue. Calls are counted while they run,
// so that taking the function away can wait for them: afterwards the host may free what it points
// to. No lock is held during a call, and calling takes none, so that a signal handler may call.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace rmq::event {

using WakeUpFunction = void (*)(void* user_data);

class HostWakeUp {
 public:
  // A function and what it is called with.
  struct Registration {
    WakeUpFunction function;
    void* user_data;
    Registration* next_retired = nullptr;
  };

  HostWakeUp() = default;
  ~HostWakeUp();
  HostWakeUp(const HostWakeUp&) = delete;
  HostWakeUp& operator=(const HostWakeUp&) = delete;

  bool is_set() const noexcept { return current_.load() != nullptr; }
  // Calls the function, if there is one. Any thread.
  void call() noexcept;
  // Null for a null function, which needs no memory. Throws std::bad_alloc.
  static std::unique_ptr<Registration> make(WakeUpFunction function, void* user_data);
  // Sets another function, or none (null). When this returns, the former one neither runs nor will
  // run. Inside a call of the function it does not wait, because it would wait for itself. The
  // former function may then still run on other threads.
  void set(std::unique_ptr<Registration> fresh) noexcept;
  // Sets a function where none is, and does not wait; nobody else sets one meanwhile. A function
  // that took itself away may still run, until wait_for_former() has returned.
  void set_first(std::unique_ptr<Registration> fresh) noexcept { current_.store(fresh.release()); }
  // Returns when no call is under way. Inside a call of the function it does not wait.
  void wait_for_former() noexcept;

 private:
  // One thread inside call(); a default id when free. A ninth thread waits for a free one.
  using Caller = std::atomic<std::thread::id>;

  Caller& enter() noexcept;
  bool is_caller(std::thread::id thread) const noexcept;
  bool has_callers() const noexcept;
  void wait_for_callers() noexcept;
  void retire(Registration* registration) noexcept;

  std::atomic<Registration*> current_{nullptr};
  std::array<Caller, 8> callers_{};
  std::atomic<std::uint32_t> waiters_{0};     // threads that wait until nobody is inside
  std::atomic<std::uint32_t> departures_{0};  // changes with each end of a call that is waited for
  // Taken away inside a call, when others may still be inside: freed in the end.
  std::atomic<Registration*> retired_{nullptr};
};

}  // namespace rmq::event
