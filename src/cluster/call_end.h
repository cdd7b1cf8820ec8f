// What becomes of a call: its answer, read as its request type says, or its failure.
#pragma once

#include <new>
#include <optional>
#include <utility>

#include "base/error.h"
#include "protocol/typed_response.h"
#include "remoting/connection.h"
#include "wire/command.h"

namespace rmq::cluster {

// The server answered: the error says what, or that its answer could not be read.
inline bool has_answered(const base::Error& error) { return error.response_code != -1; }

// Fails as any allocation when an answer came and memory did not allow to read it.
inline void throw_if_unread(const base::Error& error) {
  if (error.code == base::ErrorCode::MEMORY && has_answered(error)) throw std::bad_alloc();
}

// One of the two is called, once. A std::bad_alloc that leaves them is stopped (remoting::Request).
class CallEnd {
 public:
  virtual ~CallEnd() = default;
  // `response` is valid until this returns.
  virtual void on_answer(const wire::CommandView& response,
                         const remoting::Connection& connection) = 0;
  virtual void on_failure(base::Error error) = 0;
};

// Hands a base::Result<Request::Response> to a function. MEMORY with a response code: see above.
template <typename Request, typename Done>
class TypedCallEnd final : public CallEnd {
 public:
  using Result = base::Result<typename Request::Response>;

  TypedCallEnd(std::int32_t request_code, Done done)
      : request_code_(request_code), done_(std::move(done)) {}

  void on_answer(const wire::CommandView& response,
                 const remoting::Connection& connection) override {
    std::optional<Result> read;
    try {
      read.emplace(protocol::read_response<Request>(
          request_code_, response, connection.options().server_role,
          [&] { return connection.options().peer.to_text(); }));
    } catch (const std::bad_alloc&) {
      base::Error error = base::make_memory_error();
      error.outcome = base::Outcome::maybe_applied;
      error.response_code = response.code;
      error.server_role = connection.options().server_role;
      return on_failure(std::move(error));
    }
    done_(std::move(*read));
  }

  void on_failure(base::Error error) override {
    failure_.error() = std::move(error);
    done_(std::move(failure_));
  }

 private:
  const std::int32_t request_code_;
  Done done_;
  Result failure_{base::Error()};  // made before memory is exhausted
};

}  // namespace rmq::cluster
