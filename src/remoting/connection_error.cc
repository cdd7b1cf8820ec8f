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

std::string describe_span(const RequestSpan& span) {
  std::string text = "after " + std::to_string(base::to_ms(span.now - span.submitted_at)) + " ms";
  if (span.deadline != base::kNever) {
    text += " of " + std::to_string(base::to_ms(span.deadline - span.submitted_at)) + " ms";
  }
  return text;
}

namespace {

void describe_request_error(const ConnectionOptions& options, const base::Error& cause,
                            bool was_written, const RequestSpan& span, base::Error* error) {
  base::Error full = cause;
  full.message += was_written ? "; the request was unanswered " : "; the request was not written ";
  full.message += describe_span(span);
  full.outcome = error->outcome;
  full.server_role = error->server_role;
  full.address = options.peer.to_text();
  *error = std::move(full);
}

}  // namespace

std::unique_ptr<base::Error> make_request_error(const ConnectionOptions& options,
                                                const base::Error& cause, bool was_written,
                                                const RequestSpan& span) {
  auto error = std::make_unique<base::Error>();
  error->code = cause.code;
  error->outcome = was_written ? base::Outcome::maybe_applied : base::Outcome::not_applied;
  error->server_role = options.server_role;
  try {
    describe_request_error(options, cause, was_written, span, error.get());
  } catch (const std::bad_alloc&) {
    // The request ends all the same, with what there was room for.
  }
  return error;
}

}  // namespace rmq::remoting
