// The locks of the library, annotated for clang's thread-safety analysis. RMQ_GUARDED_BY says which
// lock guards a member, RMQ_REQUIRES which lock a private method needs. `clang++ -Wthread-safety`
// proves both (tests/tree/check_locks.py). Other compilers see nothing.
//
// None of these locks is held while a function of the user, a wake-up of a queue, or the destructor
// of anything unknown is called.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define RMQ_THREAD_ANNOTATION(annotation) __attribute__((annotation))
#else
#define RMQ_THREAD_ANNOTATION(annotation)
#endif

#define RMQ_CAPABILITY(name) RMQ_THREAD_ANNOTATION(capability(name))
#define RMQ_SCOPED_CAPABILITY RMQ_THREAD_ANNOTATION(scoped_lockable)
#define RMQ_GUARDED_BY(mutex) RMQ_THREAD_ANNOTATION(guarded_by(mutex))
#define RMQ_PT_GUARDED_BY(mutex) RMQ_THREAD_ANNOTATION(pt_guarded_by(mutex))
#define RMQ_REQUIRES(...) RMQ_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define RMQ_EXCLUDES(...) RMQ_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define RMQ_ACQUIRE(...) RMQ_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RMQ_RELEASE(...) RMQ_THREAD_ANNOTATION(release_capability(__VA_ARGS__))

namespace rmq::base {

class RMQ_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() RMQ_ACQUIRE() { mutex_.lock(); }
  void unlock() RMQ_RELEASE() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a mutex until its end, but for the time between unlock() and lock().
class RMQ_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) RMQ_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() RMQ_RELEASE() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() RMQ_RELEASE() { lock_.unlock(); }
  void lock() RMQ_ACQUIRE() { lock_.lock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

// A condition variable. The analysis does not look into predicates, so the caller loops:
//   while (!is_ready_) condition.wait(lock);
class Condition {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void wait(MutexLock& lock) { condition_.wait(lock.lock_); }
  // False: the time has come.
  bool wait_until(MutexLock& lock, TimePoint time) {
    return condition_.wait_until(lock.lock_, time) == std::cv_status::no_timeout;
  }
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace rmq::base
