#include "capi/edge.h"

#include <memory>

#include "base/utf8.h"
#include "capi/handles.h"

namespace rmq::capi {
namespace {

constexpr std::int64_t kTimeoutMsMax = std::int64_t{10} * 365 * 24 * 3600 * 1000;

}  // namespace

std::int32_t report(base::Status status, rmq_error_t** error) noexcept {
  if (status.ok()) return RMQ_OK;
  const auto code = static_cast<std::int32_t>(status.code());
  if (error) *error = to_handle(new (std::nothrow) base::Error(status.take_error()));
  return code;
}

base::Result<std::string_view> read_optional_text(std::string_view name, const char* text,
                                                  std::size_t bytes, std::size_t bytes_max) {
  if (!text) return std::string_view();
  if (bytes == SIZE_MAX) bytes = ::strnlen(text, bytes_max + 1);
  if (bytes > bytes_max) {
    return base::make_error(base::ErrorCode::ARGUMENT, std::string(name) + " is longer than " +
                                                           std::to_string(bytes_max) + " bytes");
  }
  const std::string_view view(text, bytes);
  if (view.find('\0') != std::string_view::npos) {
    return base::make_error(base::ErrorCode::ARGUMENT, std::string(name) + " contains a zero byte");
  }
  if (!base::is_utf8(view)) {
    return base::make_error(base::ErrorCode::ARGUMENT, std::string(name) + " is not UTF-8");
  }
  return view;
}

base::Result<std::string_view> read_text(std::string_view name, const char* text, std::size_t bytes,
                                         std::size_t bytes_max) {
  if (!text) return null_argument(name);
  return read_optional_text(name, text, bytes, bytes_max);
}

base::Result<base::Duration> read_timeout(std::int64_t timeout_ms) {
  if (timeout_ms < 0) {
    return base::make_error(
        base::ErrorCode::ARGUMENT,
        "timeout_ms is " + std::to_string(timeout_ms) + ", expected 0 (the default) or more");
  }
  return base::Duration(base::milliseconds(std::min(timeout_ms, kTimeoutMsMax)));
}

base::Result<base::Duration> read_poll_timeout(std::int64_t timeout_ms) {
  if (timeout_ms == RMQ_WAIT_FOREVER) return base::Duration::max();
  if (timeout_ms < 0) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "timeout_ms is " + std::to_string(timeout_ms) +
                                ", expected 0 (do not wait), RMQ_WAIT_FOREVER or more than 0");
  }
  return read_timeout(timeout_ms);
}

}  // namespace rmq::capi
