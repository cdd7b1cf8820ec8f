#include <algorithm>
#include <utility>

#include "remoting/connection.h"
#include "remoting/connection_error.h"
#include "remoting/connection_guard.h"

// The state machine. What happens is noted where it happens (resolved_, stream_error_) and decided
// upon in step(), at the end of the turn; only on_open, deadlines and close act at once.

namespace rmq::remoting {

const char* to_text(ConnectionState state) {
  switch (state) {
    case ConnectionState::idle:
      return "idle";
    case ConnectionState::resolving:
      return "resolving";
    case ConnectionState::connecting:
      return "connecting";
    case ConnectionState::open:
      return "open";
    case ConnectionState::backing_off:
      return "backing_off";
    case ConnectionState::closed:
      return "closed";
  }
  return "?";
}

// The one place where the state changes. False: the handler destroyed or closed the connection, and
// the caller has nothing more to do.
bool Connection::change_state(ConnectionState to, const base::Error* cause) {
  const ConnectionState from = std::exchange(state_, to);
  Guard guard(*this);
  handler_.on_state_changed(*this, from, to, cause);
  return !guard.is_dead() && state_ == to;
}

bool Connection::has_work() const { return keep_open_ || !waiting_.is_empty(); }

void Connection::set_keep_open(bool keep_open) {
  if (drain_reason_) return;
  keep_open_ = keep_open;
  turn_end_->schedule();
}

void Connection::on_turn_end() {
  Guard guard(*this);
  step();
  if (guard.is_dead()) return;
  write_what_is_ready();
  if (guard.is_dead()) return;
  close_if_drained();
}

void Connection::step() {
  Guard guard(*this);
  if (std::unique_ptr<base::Error> error = std::move(stream_error_)) {
    if (state_ == ConnectionState::open) {
      lose(std::move(*error));
    } else if (state_ == ConnectionState::connecting) {
      last_error_ = std::move(error);
      connect_next_address();
    }
    if (guard.is_dead()) return;
  }
  if (state_ == ConnectionState::resolving && resolved_) {
    on_resolved();
    if (guard.is_dead()) return;
  }
  if (state_ == ConnectionState::idle && has_work()) start_attempt();
}

void Connection::start_attempt() {
  ++counters_.attempts;
  attempt_due_ = loop_.now() + options_.connect_timeout;
  deadlines_.set(step_deadline_, attempt_due_);
  if (!change_state(ConnectionState::resolving, nullptr)) return;
  resolution_ = loop_.resolver().resolve(
      options_.peer, [this](base::Result<std::vector<transport::SocketAddress>> result) {
        resolved_.emplace(std::move(result));
        turn_end_->schedule();
      });
}

void Connection::on_resolved() {
  auto resolved = std::move(*resolved_);
  resolved_.reset();
  resolution_.reset();
  if (!resolved.ok()) {
    back_off(resolved.take_error());
    return;
  }
  addresses_ = resolved.take_value();
  next_address_ = 0;
  if (addresses_.empty()) {
    back_off(base::make_error(base::ErrorCode::CANNOT_RESOLVE, "the name has no address"));
    return;
  }
  if (change_state(ConnectionState::connecting, nullptr)) connect_next_address();
}

// The time that is left is shared among the addresses that are left, so that one that drops packets
// does not use up the whole of it.
void Connection::connect_next_address() {
  stream_.reset();
  const base::Instant now = loop_.now();
  if (next_address_ >= addresses_.size() && last_error_) {
    back_off(*last_error_);
    return;
  }
  if (now >= attempt_due_) {
    back_off(base::make_error(base::ErrorCode::CONNECT_TIMEOUT,
                              "no address answered within " +
                                  std::to_string(base::to_ms(options_.connect_timeout)) + " ms"));
    return;
  }
  const auto addresses_left = static_cast<std::int64_t>(addresses_.size() - next_address_);
  deadlines_.set(step_deadline_, now + (attempt_due_ - now) / addresses_left);
  const transport::SocketAddress& address = addresses_[next_address_++];
  base::Result<std::unique_ptr<transport::ByteStream>> stream = streams_.make_stream(options_.peer);
  if (!stream.ok()) {
    back_off(stream.take_error());
    return;
  }
  stream_ = stream.take_value();
  stream_->set_handler(*this);
  stream_->connect(address);
}

void Connection::on_open() {
  ++counters_.opened;
  ++session_;
  opened_at_ = active_at_ = loop_.now();
  is_useful_ = false;
  timeouts_in_a_row_ = 0;
  frames_.reset();
  check_idle();
  turn_end_->schedule();
  (void)change_state(ConnectionState::open, nullptr);
}

void Connection::on_closed(base::Error error) { note_loss(std::move(error)); }

// The stream is of no use any more; nothing is read from it or written to it from now on.
void Connection::note_loss(base::Error error) {
  if (!stream_ || stream_error_) return;
  stream_->close();
  stream_error_ = std::make_unique<base::Error>(std::move(error));
  turn_end_->schedule();
}

void Connection::lose(base::Error cause) {
  ++counters_.lost;
  cause.message = "the connection to " + peer_text_ + " was lost: " + cause.message;
  cause.address = options_.peer.to_text();
  cause.server_role = options_.server_role;
  drop_stream();
  end_written(cause);
  Guard guard(*this);
  const base::Duration lived = loop_.now() - opened_at_;
  const bool was_of_use = (is_useful_ && lived >= options_.reconnect_backoff_min) ||
                          lived >= options_.reconnect_backoff_max;
  if (was_of_use) {
    last_error_ = std::make_unique<base::Error>(cause);
    failed_attempts_ = 0;
    deadlines_.clear(step_deadline_);
    (void)change_state(ConnectionState::idle, &cause);
  } else {
    back_off(std::move(cause));
  }
  if (!guard.is_dead()) tell_ended();
}

// Gives up stream and look-up, whatever they are at. The caller sees to the requests.
void Connection::drop_stream() {
  stream_.reset();
  stream_error_.reset();
  resolution_.reset();
  resolved_.reset();
  deadlines_.clear(write_deadline_);
  is_writing_ = false;
  responses_writing_ = 0;
  responses_.clear();
  frames_.reset();
}

// An attempt failed, or a session that was of no use. The n-th wait in a row is chosen between half
// of min * 2^n and all of it, never below min, never above max: so peers that were lost together do
// not come back together.
void Connection::back_off(base::Error cause) {
  drop_stream();
  if (state_ != ConnectionState::open) {
    cause.message = "cannot connect to " + peer_text_ + ": " + cause.message;
    cause.address = options_.peer.to_text();
    cause.server_role = options_.server_role;
  }
  last_error_ = std::make_unique<base::Error>(cause);

  const base::Duration min = std::max(options_.reconnect_backoff_min, base::Duration(1));
  const base::Duration max = std::max(options_.reconnect_backoff_max, min);
  failed_attempts_ = std::min(failed_attempts_ + 1, 62);
  base::Duration ceiling = min;
  for (int n = 0; n < failed_attempts_ && ceiling < max; ++n) {
    ceiling = ceiling > max / 2 ? max : ceiling * 2;
  }
  const base::Duration floor = std::max(min, ceiling / 2);
  const auto spread = static_cast<std::uint64_t>((ceiling - floor).count());
  const base::Duration wait =
      floor + base::Duration(static_cast<std::int64_t>(loop_.random().below(spread + 1)));
  deadlines_.set(step_deadline_, loop_.now() + wait);

  Guard guard(*this);
  if (!change_state(ConnectionState::backing_off, &cause)) return;
  end_waiting(cause, true);
  tell_ended();
}

void Connection::on_step_deadline() {
  switch (state_) {
    case ConnectionState::resolving:
      back_off(base::make_error(base::ErrorCode::CONNECT_TIMEOUT,
                                "the name was not resolved within " +
                                    std::to_string(base::to_ms(options_.connect_timeout)) + " ms"));
      break;
    case ConnectionState::connecting: {
      base::Error error =
          base::make_error(base::ErrorCode::CONNECT_TIMEOUT,
                           "no connection to " + peer_text_ + " within " +
                               std::to_string(base::to_ms(options_.connect_timeout)) + " ms");
      // Without a stream when there was no memory for one.
      if (stream_) {
        note_loss(std::move(error));
      } else {
        back_off(std::move(error));
      }
      break;
    }
    case ConnectionState::open:
      check_idle();
      break;
    case ConnectionState::backing_off:
      turn_end_->schedule();
      (void)change_state(ConnectionState::idle, nullptr);
      break;
    case ConnectionState::idle:
    case ConnectionState::closed:
      break;
  }
}

// Looks once per idle_timeout instead of moving a deadline with every message.
void Connection::check_idle() {
  if (options_.idle_timeout <= base::Duration::zero()) {
    deadlines_.clear(step_deadline_);
    return;
  }
  const base::Instant now = loop_.now();
  if (state_ == ConnectionState::open && !keep_open_ && pending_ == 0 && !is_writing_ &&
      responses_.empty() && !stream_error_ && active_at_ + options_.idle_timeout <= now) {
    drop_stream();
    table_.clear();
    (void)change_state(ConnectionState::idle, nullptr);
    return;
  }
  const base::Instant next = active_at_ + options_.idle_timeout;
  deadlines_.set(step_deadline_, next > now ? next : now + options_.idle_timeout);
}

}  // namespace rmq::remoting
