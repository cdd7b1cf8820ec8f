// Makes log events with stable keys. Any thread; off until it has a queue.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "event/event_queue.h"
#include "event/log_event.h"

namespace rmq::client {

class Logger {
 public:
  Logger(event::LogLevel level, std::string client_id, event::Tag tag = {})
      : level_(level), client_id_(std::move(client_id)), tag_(tag) {}

  // Before the runtime starts; other threads may make members meanwhile, and write.
  void set_queue(std::shared_ptr<event::EventQueue> queue) {
    base::MutexLock lock(mutex_);
    has_queue_ = queue != nullptr;
    queue_ = std::move(queue);
  }

  void set_level(event::LogLevel level) { level_ = level; }

  bool is_enabled(event::LogLevel level) const {
    return level <= level_.load(std::memory_order_relaxed) &&
           has_queue_.load(std::memory_order_relaxed);
  }

  // `details` are "key=value" pairs. `error` may be null. Never throws: a line that memory does not
  // allow is lost.
  void write(event::LogLevel level, std::string_view operation, std::string_view details,
             const base::Error* error = nullptr, std::int64_t execution_time_us = -1) noexcept;

 private:
  std::shared_ptr<event::EventQueue> queue() {
    base::MutexLock lock(mutex_);
    return queue_;
  }

  std::atomic<event::LogLevel> level_;
  const std::string client_id_;
  const event::Tag tag_;  // of each line
  std::atomic<bool> has_queue_{false};
  base::Mutex mutex_;
  std::shared_ptr<event::EventQueue> queue_ RMQ_GUARDED_BY(mutex_);
};

}  // namespace rmq::client
