#include "client/logger.h"

#include <new>

#include "base/instant.h"

namespace rmq::client {
namespace {

// Values with blanks or quotes are quoted, so that a line splits at its blanks.
void append_value(std::string_view value, std::string* line) {
  if (!value.empty() && value.find_first_of(" \"=\n\r\t") == std::string_view::npos) {
    line->append(value);
    return;
  }
  line->push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') line->push_back('\\');
    line->push_back(static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  }
  line->push_back('"');
}

}  // namespace

void Logger::write(event::LogLevel level, std::string_view operation, std::string_view details,
                   const base::Error* error, std::int64_t execution_time_us) noexcept {
  if (!is_enabled(level)) return;
  try {
    event::LogRecord record;
    record.level = level;
    record.timestamp_ms = base::wall_clock_ms();
    record.operation = operation;
    record.client_id = client_id_;
    record.execution_time_us = execution_time_us;
    record.line = "event=" + record.operation + " client_id=";
    append_value(client_id_, &record.line);
    record.line += " timestamp=" + std::to_string(record.timestamp_ms);
    if (error) {
      record.status = error->code;
      record.error = error->message;
    }
    record.line.append(" status=").append(base::error_code_info(record.status).name);
    if (execution_time_us >= 0)
      record.line += " execution_time_us=" + std::to_string(execution_time_us);
    if (!details.empty()) record.line.append(1, ' ').append(details);
    if (error) {
      record.line += " error=";
      append_value(error->message, &record.line);
      if (!error->hint.empty()) {
        record.line += " hint=";
        append_value(error->hint, &record.line);
      }
    }
    const std::shared_ptr<event::EventQueue> queue = this->queue();
    if (queue) queue->push_log(new event::LogEvent(std::move(record), tag_));
  } catch (const std::bad_alloc&) {
    // Log lines may be lost; nothing else is.
  }
}

}  // namespace rmq::client
