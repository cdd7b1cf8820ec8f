#include "remoting/connection_error.h"

#include <new>
#include <utility>

namespace rmq::remoting {

std::string describe_peer(const ConnectionOptions& options) {
  std::string_view role = "server";
  switch (options.server_role) {
    case base::ServerRole::none:
      break;
    case base::ServerRole::nameserver:
      role = "NameServer";
      break;
    case base::ServerRole::broker:
      role = "broker";
      break;
    case base::ServerRole::proxy:
      role = "proxy";
      break;
  }
  return std::string(role) + " " + options.peer.to_text();
}

base::Error make_peer_error(const ConnectionOptions& options, base::ErrorCode code,
                            std::string message, std::string hint) {
  base::Error error = base::make_error(code, std::move(message), std::move(hint));
  error.address = options.peer.to_text();
  error.server_role = options.server_role;
  return error;
}

base::Error copy_error(const base::Error& error) noexcept {
  return base::make_error_or_code(error.code, [&] { return error; });
}

void add_peer(const ConnectionOptions& options, const char* before, const std::string& peer_text,
              const char* after, base::Error* error) noexcept {
  error->server_role = options.server_role;
  try {
    std::string address = options.peer.to_text();
    error->message = before + peer_text + after + ": " + error->message;
    error->address = std::move(address);
  } catch (const std::bad_alloc&) {
    // What it says already has to do.
  }
}

std::string describe_span(const RequestSpan& span) {
  std::string text = "after " + std::to_string(base::to_ms(span.now - span.submitted_at)) + " ms";
  if (span.deadline != base::kNever) {
    text += " of " + std::to_string(base::to_ms(span.deadline - span.submitted_at)) + " ms";
  }
  return text;
}

base::Error make_request_error(const ConnectionOptions& options, const base::Error& cause,
                               bool was_written, const RequestSpan& span) noexcept {
  base::Error error = base::make_error_or_code(cause.code, [&] {
    base::Error full = cause;
    full.message +=
        was_written ? "; the request was unanswered " : "; the request was not written ";
    full.message += describe_span(span);
    full.address = options.peer.to_text();
    return full;
  });
  error.outcome = was_written ? base::Outcome::maybe_applied : base::Outcome::not_applied;
  error.server_role = options.server_role;
  error.elapsed_ms = base::to_ms(span.now - span.submitted_at);
  if (span.deadline != base::kNever) {
    error.limit_ms = base::to_ms(span.deadline - span.submitted_at);
  }
  return error;
}

}  // namespace rmq::remoting
