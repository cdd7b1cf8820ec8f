// The edge between C callers and the library. Texts and numbers are checked on the way in, errors
// become rmq_error_t on the way out, and nothing thrown passes.
#pragma once

#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/instant.h"
#include "rocketmq_c.h"

namespace rmq::capi {

// Takes the error over into *error (if wanted) and gives its code.
std::int32_t report(base::Status status, rmq_error_t** error) noexcept;

// Puts a text into two members of a view; one with a null data() is absent there too.
inline void show_text(std::string_view text, const char** pointer, std::size_t* bytes) {
  *pointer = text.data();
  *bytes = text.size();
}
// The same for texts that are empty where there are none.
inline void show_text_unless_empty(std::string_view text, const char** pointer,
                                   std::size_t* bytes) {
  show_text(text.empty() ? std::string_view() : text, pointer, bytes);
}

// Runs the body of a public function. It returns a base::Status.
template <typename Body>
std::int32_t guarded(rmq_error_t** error, Body body) noexcept {
  if (error) *error = nullptr;
  try {
    return report(body(), error);
  } catch (const std::bad_alloc&) {
    return RMQ_ERROR_MEMORY;  // an error object could not be made either
  } catch (...) {
    return RMQ_ERROR_INTERNAL;
  }
}

inline base::Error null_argument(std::string_view name) {
  return base::make_error(base::ErrorCode::ARGUMENT, std::string(name) + " is null");
}

// Text that may be absent (null data()), of at most bytes_max bytes.
base::Result<std::string_view> read_optional_text(std::string_view name, const char* text,
                                                  std::size_t bytes, std::size_t bytes_max);
// Text that must be there.
base::Result<std::string_view> read_text(std::string_view name, const char* text, std::size_t bytes,
                                         std::size_t bytes_max);

// A time limit in ms: not negative; beyond ten years is ten years. 0 stays 0.
base::Result<base::Duration> read_timeout(std::int64_t timeout_ms);
// As above, and RMQ_WAIT_FOREVER.
base::Result<base::Duration> read_poll_timeout(std::int64_t timeout_ms);

// The size of the smallest view that any version had, so that a caller's garbage is told from an
// older caller.
inline constexpr std::size_t kViewBytesMin = 8;

inline bool is_view_size(std::size_t view_size) { return view_size >= kViewBytesMin; }

// Copies as much of a view as the caller knows of. Fields of a newer caller, which are unknown
// here, become zero.
template <typename View>
bool put_view(const View& view, void* to, std::size_t view_size) {
  if (!to || !is_view_size(view_size)) return false;
  const std::size_t known = view_size < sizeof view ? view_size : sizeof view;
  std::memcpy(to, &view, known);
  std::memset(static_cast<unsigned char*>(to) + known, 0, view_size - known);
  return true;
}

}  // namespace rmq::capi
