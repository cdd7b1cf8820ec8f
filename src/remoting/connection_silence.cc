#include <algorithm>
#include <new>
#include <string>

#include "remoting/connection.h"

// A peer that is there and says nothing. One request that had its time proves a dead connection
// when no frame came since it was written. A sender of one message at a time must not lose three of
// them to learn it. A server that is merely slow with one request answers another one meanwhile. So
// the handler is told of a silence in time to ask (ConnectionHandler::on_silence).

namespace rmq::remoting {
namespace {

// Parts of connect_timeout, which is how long a server has to accept a connection.
constexpr int kToldPart = 3;    // of silence, after which the handler is told
constexpr int kProofPart = 2;   // that a request waited, to prove a dead connection alone
constexpr int kNoticePart = 8;  // since the handler was told, for such a proof to count

}  // namespace

void Connection::note_asked(const Request& request) noexcept {
  if (request.oneway || request.is_held || is_asking_) return;
  is_asking_ = true;
  asked_at_ = loop_.now();
  // Looks once per period instead of moving a deadline with every request.
  if (!silence_deadline_.is_queued()) {
    deadlines_.set(silence_deadline_, asked_at_ + options_.connect_timeout / kToldPart);
  }
}

void Connection::note_heard() noexcept {
  heard_at_ = loop_.now();
  is_asking_ = is_told_ = false;
  timeouts_in_a_row_ = 0;
}

void Connection::on_silence_deadline() noexcept {
  if (state_ != ConnectionState::open || !is_asking_) return;
  const base::Instant due = asked_at_ + options_.connect_timeout / kToldPart;
  if (due > loop_.now()) {
    deadlines_.set(silence_deadline_, due);
  } else {
    ask_for_a_sign();
  }
}

void Connection::ask_for_a_sign() noexcept {
  if (is_told_) return;
  is_told_ = true;
  told_at_ = loop_.now();
  const base::Duration rest = options_.connect_timeout - options_.connect_timeout / kToldPart;
  try {
    handler_.on_silence(*this, told_at_ + rest);
  } catch (const std::bad_alloc&) {
    // The time-outs of other requests have to tell.
  }
}

// A request was written and has run out of time.
void Connection::note_timeout(const Request& request) noexcept {
  if (options_.max_consecutive_failures <= 0) return;
  const base::Instant now = loop_.now();
  // Count a timeout against the server only if it had the request for at least half of the
  // request's time. After a reconnect the oldest requests have moments left; counting them would
  // close every new connection. Counting requests that are sent again would do so
  // too, if the server got less time for them than it has to accept a connection.
  const base::Duration had = request.deadline - request.written_at_;
  if (had < request.written_at_ - request.submitted_at_) return;
  ++timeouts_in_a_row_;
  const bool heard_nothing = heard_at_ <= request.written_at_;
  if (heard_nothing && request.is_held) ask_for_a_sign();
  // After the process itself stood still, the time-outs come before the answers are read: the
  // notice is as late as they are then.
  const bool is_proof = heard_nothing && !request.is_held &&
                        had >= options_.connect_timeout / kProofPart && is_told_ &&
                        now - told_at_ >= options_.connect_timeout / kNoticePart;
  const bool are_enough = timeouts_in_a_row_ >= options_.max_consecutive_failures && is_asking_ &&
                          now - asked_at_ >= options_.connect_timeout;
  if (!is_proof && !are_enough) return;
  is_silent_ = true;
  note_loss(base::make_error_or_code(base::ErrorCode::REQUEST_TIMEOUT, [&] {
    return base::make_error(
        base::ErrorCode::REQUEST_TIMEOUT,
        std::to_string(timeouts_in_a_row_) + " requests in a row timed out and nothing came for " +
            std::to_string(base::to_ms(now - (is_asking_ ? asked_at_ : request.written_at_))) +
            " ms",
        "look for a server that hangs or a network that drops packets");
  }));
}

}  // namespace rmq::remoting
