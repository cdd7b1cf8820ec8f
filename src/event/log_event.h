// A log line with stable keys, as an event. Lines carry no bodies and no credentials.
#pragma once

#include <string>

#include "event/event.h"

namespace rmq::event {

// Numbers are part of the C ABI (RMQ_LOG_*).
enum class LogLevel : std::int32_t { off = 0, error = 1, warn = 2, info = 3, debug = 4 };

struct LogRecord {
  LogLevel level = LogLevel::info;
  base::ErrorCode status = base::ErrorCode::OK;
  std::int64_t timestamp_ms = 0;
  std::int64_t execution_time_us = -1;
  std::string operation;
  std::string client_id;
  std::string error;
  std::string line;
};

class LogEvent final : public Event {
 public:
  LogEvent(LogRecord record, Tag tag) : Event(EventType::log, tag), record_(std::move(record)) {}
  void destroy() noexcept override { delete this; }
  EventParts parts() const override {
    EventParts parts;
    parts.log_record = &record_;
    return parts;
  }

 private:
  ~LogEvent() override = default;
  LogRecord record_;
};

}  // namespace rmq::event
