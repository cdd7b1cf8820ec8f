#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "remoting/connection.h"
#include "remoting/connection_error.h"

// Whether bytes move: those of a write that the stream still holds, and those of a frame that has
// begun to come. Where they do not, the session is lost, and requests go on over the next one.

namespace rmq::remoting {
namespace {

constexpr base::Duration kLate = base::milliseconds(100);

}  // namespace

void Connection::watch_write() noexcept {
  write_watch_.begin(loop_.now(), stream_->bytes_taken(), options_.write_timeout);
  deadlines_.set(write_deadline_, write_watch_.next_look(loop_.now()));
}

void Connection::look_at_write() noexcept {
  if (!is_writing_ || stream_error_) return;
  const base::Instant now = loop_.now();
  write_watch_.note(now, stream_->bytes_taken());
  if (now < write_watch_.due()) {
    deadlines_.set(write_deadline_, write_watch_.next_look(now));
    return;
  }
  is_silent_ = true;  // others may be quicker, until a frame comes
  note_loss(base::make_error_or_code(base::ErrorCode::NETWORK, [&] {
    return base::make_error(base::ErrorCode::NETWORK,
                            "the peer takes the bytes of a write too slowly or not at all (the "
                            "last ones " +
                                std::to_string(base::to_ms(now - write_watch_.moved_at())) +
                                " ms ago)",
                            "look for a server that hangs or a network that drops packets");
  }));
}

// `bytes` came, and `is_new` says that a frame got whole with them.
void Connection::watch_frame(std::size_t bytes, bool is_new) noexcept {
  const bool was_watched = std::exchange(is_frame_watched_, frames_.unfinished_bytes() > 0);
  if (!is_frame_watched_) return;
  if (was_watched && !is_new) {
    frame_watch_.note(loop_.now(), bytes);
  } else {
    frame_watch_.begin(loop_.now(), options_.write_timeout);
    swallowed_.begin();
  }
  // A deadline that is too early looks again, so that it is not moved with every read.
  if (!frame_deadline_.is_queued()) deadlines_.set(frame_deadline_, frame_watch_.due());
}

void Connection::look_at_frame() noexcept {
  if (!is_frame_watched_ || stream_error_) return;
  const base::Instant now = loop_.now();
  if (has_swallowed()) {
    lose_frame("a frame has a length that cannot be: it holds answers of its own");
    return;
  }
  if (now < frame_watch_.due()) {
    deadlines_.set(frame_deadline_, frame_watch_.next_look());
    return;
  }
  // After the process itself stood still, deadlines come before what waits to be read.
  if (now - frame_deadline_.due() > kLate && frame_watch_.take_excuse()) {
    deadlines_.set(frame_deadline_, now + kLate);
    return;
  }
  frame_watch_.note_given_up(now);
  lose_frame("a frame began and did not get whole");
}

// Whether the frame that has begun holds answers, once a request has timed out behind it.
bool Connection::has_swallowed() noexcept {
  if (!frame_watch_.take_look(loop_.now())) return false;
  try {
    return swallowed_.find(frames_.unfinished(), [this](std::int32_t opaque) {
      return table_.find(opaque).owner != RequestTable::Owner::nobody;
    });
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void Connection::lose_frame(std::string_view what) noexcept {
  note_loss(base::make_error_or_code(base::ErrorCode::NETWORK, [&] {
    const std::size_t whole = frames_.frame_bytes();
    return base::make_error(
        base::ErrorCode::NETWORK,
        std::string(what) + ": " + std::to_string(frames_.unfinished_bytes()) +
            (whole > 0 ? " of " + std::to_string(whole) : std::string()) + " bytes came in " +
            std::to_string(base::to_ms(loop_.now() - frame_watch_.begun_at())) + " ms",
        "look for a damaged stream, a server that hangs or a network that drops packets");
  }));
}

// A request ran out of its time, and a frame has begun that is not whole yet.
void Connection::note_starved(const Request& request) noexcept {
  const base::Duration had = request.deadline - request.written_at_;
  if (had < request.written_at_ - request.submitted_at_) return;  // as in note_timeout()
  frame_watch_.note_timeout(loop_.now(), had);
  if (frame_watch_.next_look() < frame_deadline_.due()) {
    deadlines_.set(frame_deadline_, frame_watch_.next_look());
  }
}

}  // namespace rmq::remoting
