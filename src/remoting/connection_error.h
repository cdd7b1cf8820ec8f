// The words of a connection's errors. Private to the connection's sources.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/instant.h"
#include "remoting/connection_options.h"

namespace rmq::remoting {

// "broker 10.0.0.1:10911"
std::string describe_peer(const ConnectionOptions& options);

// An error with address and server role filled in.
base::Error make_peer_error(const ConnectionOptions& options, base::ErrorCode code,
                            std::string message, std::string hint = {});

// Errors that must be told whether there is memory for all of their words or not.
base::Error copy_error(const base::Error& error) noexcept;
// Fills in address and server role, and puts "<before><peer_text><after>: " before the message.
void add_peer(const ConnectionOptions& options, const char* before, const std::string& peer_text,
              const char* after, base::Error* error) noexcept;

// Where a request stood when it ended, for the words "unanswered after 5 ms of 3000 ms".
struct RequestSpan {
  base::Instant submitted_at;
  base::Instant now;
  base::Instant deadline;
};
std::string describe_span(const RequestSpan& span);

// `cause` as the end of one request.
base::Error make_request_error(const ConnectionOptions& options, const base::Error& cause,
                               bool was_written, const RequestSpan& span) noexcept;

}  // namespace rmq::remoting
