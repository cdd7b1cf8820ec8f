// Expected failures as values. An Error says what went wrong and where. A Status is "fine" or an
// Error, a Result<T> a value or an Error. Nothing here is thrown. Context is added on the way up,
// and capi turns the Error into rmq_error_t.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace rmq::base {

enum class ErrorCode : std::int32_t {
  OK = 0,
#define RMQ_ERROR_CODE(number, name, category, retriable, sentence) name = number,
#include "base/error_codes.def"
#undef RMQ_ERROR_CODE
};

// Numbers are part of the C ABI (RMQ_CATEGORY_*).
enum class ErrorCategory : std::int32_t {
  none = 0,
  argument = 1,
  configuration = 2,
  state = 3,
  network = 4,
  timeout = 5,
  protocol = 6,
  nameserver = 7,
  broker = 8,
  pull = 9,
  offset = 10,
  transaction = 11,
  producer = 12,
  consumer = 13,
  subscription = 14,
  rebalance = 15,
  listener = 16,
  resource = 17,
  shutdown = 18,
  internal = 19,
};

// What a failed operation did to the server. The outcome of several attempts is the worst of them:
// "maybe" beats "not". "Not" is said only where an answer proves it, or where nothing was written.
enum class Outcome : std::int32_t { not_applied = 0, maybe_applied = 1, applied = 2 };

enum class ServerRole : std::int32_t { none = 0, nameserver = 1, broker = 2, proxy = 3 };

struct ErrorCodeInfo {
  ErrorCode code;
  std::string_view name;  // as in RMQ_ERROR_<name>, zero-terminated
  ErrorCategory category;
  bool retriable;
  std::string_view sentence;  // zero-terminated
};

// Never fails: an unknown number gives the entry of INTERNAL; 0 gives name "OK".
const ErrorCodeInfo& error_code_info(ErrorCode code);

// Entries in table order, OK first; null past the end.
const ErrorCodeInfo* error_code_at(std::size_t index);

struct Error {
  ErrorCode code = ErrorCode::INTERNAL;
  std::string message;            // what was tried, on what, what happened; never empty
  std::string hint;               // what to try; may be empty
  std::optional<bool> retriable;  // overrides the table
  Outcome outcome = Outcome::not_applied;
  ServerRole server_role = ServerRole::none;
  std::int32_t response_code = -1;  // the server's own code; -1: no server answered
  std::string remark;               // the server's words
  std::string address;              // host:port of the server
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = -1;
  std::string group;
  std::string client_id;
  std::string message_id;  // of a send, from its acceptance on
  // Of a background error: times since its cause was told last. Of a close or flush that ran out of
  // time: what was left.
  std::int64_t count = 0;
  // Of an operation with a time limit: how long it went on, and what the limit was. -1: unknown.
  std::int64_t elapsed_ms = -1;
  std::int64_t limit_ms = -1;

  bool is_retriable() const { return retriable.value_or(error_code_info(code).retriable); }
};

// Cold, like all that begins with an error: the compiler moves what leads there out of the way.
[[gnu::cold]] Error make_error(ErrorCode code, std::string message, std::string hint = {});

// For ends that must be told even when memory is exhausted: what `make` gives, or the bare code.
template <typename Make>
[[gnu::cold]] Error make_error_or_code(ErrorCode code, Make make) noexcept {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    Error error;
    error.code = code;
    return error;
  }
}

// Of memory that is exhausted, with its text as long as there is memory for that.
[[gnu::cold]] Error make_memory_error() noexcept;

// A null pointer costs nothing on the good path; the Error is allocated only when there is one.
class [[nodiscard]] Status {
 public:
  Status() = default;
  [[gnu::cold]] Status(Error error)
      : error_(std::make_unique<Error>(std::move(error))) {}  // NOLINT: conversion intended

  bool ok() const { return error_ == nullptr; }
  const Error& error() const { return *error_; }
  Error& error() { return *error_; }
  Error take_error() { return std::move(*error_); }
  ErrorCode code() const { return error_ ? error_->code : ErrorCode::OK; }

 private:
  std::unique_ptr<Error> error_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT
  [[gnu::cold]] Result(Error error)
      : state_(std::in_place_index<1>, std::make_unique<Error>(std::move(error))) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  T take_value() { return std::move(*std::get_if<0>(&state_)); }
  Error& error() { return **std::get_if<1>(&state_); }
  const Error& error() const { return **std::get_if<1>(&state_); }
  Error take_error() { return std::move(**std::get_if<1>(&state_)); }

 private:
  std::variant<T, std::unique_ptr<Error>> state_;
};

}  // namespace rmq::base
