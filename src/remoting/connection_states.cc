#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

#include "base/transition.h"
#include "remoting/connection.h"
#include "remoting/connection_error.h"
#include "remoting/connection_guard.h"

// The state machine. Events are noted where they happen (resolved_, stream_error_) and decided upon
// in step(), at the end of the turn. Only on_open, deadlines and close act at once.

namespace rmq::remoting {
namespace {

// How long a leaving server may take to answer what it has while other requests wait for the next
// connection.
constexpr base::Duration kLeaveTimeMax = base::milliseconds(500);
// Attempts begin no further apart than this while somebody asks for a connection.
constexpr base::Duration kDemandPauseMax = std::chrono::seconds(1);

}  // namespace

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
bool Connection::change_state(ConnectionState to, const base::Error* cause) noexcept {
  assert(state_ != ConnectionState::closed && "goes on after its end");
  const ConnectionState from = std::exchange(state_, to);
  base::note_transition("Connection", from, to);
  Guard guard(*this);
  try {
    handler_.on_state_changed(*this, from, to, cause);
  } catch (const std::bad_alloc&) {
    // The connection goes on, whatever its owner wanted to do with the news.
  }
  return !guard.is_dead() && state_ == to;
}

bool Connection::has_work() const { return keep_open_ || is_wanted_ || !waiting_.is_empty(); }

void Connection::want() noexcept {
  if (!is_away() || drain_reason_) return;
  if (state_ != ConnectionState::open) is_wanted_ = true;
  if (state_ == ConnectionState::idle) turn_end_->schedule();
  note_demand(base::kNever);
}

// A pause that grew while nobody asked is too long for those who do.
void Connection::note_demand(base::Instant deadline) noexcept {
  if (state_ != ConnectionState::backing_off) return;
  const base::Instant now = loop_.now();
  base::Instant due = std::max(now, demand_due_);
  if (deadline != base::kNever) {
    // Half of the time is left for the attempt and the answer.
    due = std::min(
        due, std::max(now + (deadline - now) / 2, paused_at_ + options_.reconnect_backoff_min));
  }
  if (due < step_deadline_.due()) deadlines_.set(step_deadline_, due);
}

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

void Connection::step() noexcept {
  Guard guard(*this);
  if (is_leaving_ && state_ == ConnectionState::open) {
    if (!is_writing_ && table_.size() == 0) {
      leave_server();
    } else if (!waiting_.is_empty()) {
      leave_server_soon();
    }
  }
  if (stream_error_) {
    base::Error error = std::move(*stream_error_);
    stream_error_.reset();
    if (state_ == ConnectionState::open) {
      lose(std::move(error));
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

void Connection::start_attempt() noexcept {
  ++counters_.attempts;
  is_wanted_ = false;
  attempt_due_ = loop_.now() + options_.connect_timeout;
  deadlines_.set(step_deadline_, attempt_due_);
  if (!change_state(ConnectionState::resolving, nullptr)) return;
  try {
    resolution_ =
        streams_.find_addresses(loop_.resolver(), options_.peer,
                                [this](base::Result<std::vector<transport::SocketAddress>> result) {
                                  resolved_.emplace(std::move(result));
                                  turn_end_->schedule();
                                });
  } catch (const std::bad_alloc&) {
    back_off(base::make_memory_error());
  }
}

void Connection::on_resolved() noexcept {
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
    back_off(base::make_error_or_code(base::ErrorCode::CANNOT_RESOLVE, [] {
      return base::make_error(base::ErrorCode::CANNOT_RESOLVE, "the name has no address");
    }));
    return;
  }
  if (change_state(ConnectionState::connecting, nullptr)) connect_next_address();
}

// The time that is left is shared among the addresses that are left. So an address that drops
// packets does not use up the whole of it.
void Connection::connect_next_address() noexcept {
  stream_.reset();
  const base::Instant now = loop_.now();
  if (next_address_ >= addresses_.size() && last_error_) {
    back_off(copy_error(*last_error_));
    return;
  }
  if (now >= attempt_due_) {
    back_off(make_connect_timeout("no address answered"));
    return;
  }
  const auto addresses_left = static_cast<std::int64_t>(addresses_.size() - next_address_);
  deadlines_.set(step_deadline_, now + (attempt_due_ - now) / addresses_left);
  std::optional<base::Error> failed = open_stream(addresses_[next_address_++]);
  if (failed) back_off(std::move(*failed));
}

std::optional<base::Error> Connection::open_stream(
    const transport::SocketAddress& address) noexcept {
  try {
    auto stream = streams_.make_stream(options_.peer);
    if (!stream.ok()) return stream.take_error();
    stream_ = stream.take_value();
    stream_->set_handler(*this);
    stream_->connect(address);
    return std::nullopt;
  } catch (const std::bad_alloc&) {
    return base::make_memory_error();
  }
}

base::Error Connection::make_connect_timeout(const char* what) const noexcept {
  return base::make_error_or_code(base::ErrorCode::CONNECT_TIMEOUT, [&] {
    return base::make_error(base::ErrorCode::CONNECT_TIMEOUT,
                            std::string(what) + " within " +
                                std::to_string(base::to_ms(options_.connect_timeout)) + " ms");
  });
}

void Connection::on_open() {
  ++counters_.opened;
  ++session_;
  opened_at_ = active_at_ = loop_.now();
  is_useful_ = is_leaving_ = is_silent_ = false;
  note_heard();
  frames_.reset();
  check_idle();
  turn_end_->schedule();
  if (!change_state(ConnectionState::open, nullptr)) return;
  // A server that accepts may be as silent as before.
  if (is_away()) ask_for_a_sign();
}

void Connection::on_closed(base::Error error) { note_loss(std::move(error)); }

// The stream is of no use any more; nothing is read from it or written to it from now on.
void Connection::note_loss(base::Error error) noexcept {
  if (!stream_ || stream_error_) return;
  stream_->close();
  stream_error_ = std::move(error);
  turn_end_->schedule();
}

// The address is connected to again at once: another process may have taken it over, or a proxy
// knows better now.
void Connection::leave_server() noexcept {
  note_loss(base::make_error_or_code(base::ErrorCode::SERVER_LEAVING, [] {
    return base::make_error(base::ErrorCode::SERVER_LEAVING, "the server is shutting down");
  }));
}

// A long poll may hold the server's answer back for longer than those that wait have time.
void Connection::leave_server_soon() noexcept {
  const base::Instant soon = loop_.now() + std::min(options_.connect_timeout / 6, kLeaveTimeMax);
  if (soon < step_deadline_.due()) deadlines_.set(step_deadline_, soon);
}

void Connection::lose(base::Error cause) noexcept {
  ++counters_.lost;
  add_peer(options_, "the connection to ", peer_text_, " was lost", &cause);
  drop_stream();
  end_written(cause);
  Guard guard(*this);
  const base::Duration lived = loop_.now() - opened_at_;
  bool was_of_use = (is_useful_ && lived >= options_.reconnect_backoff_min) ||
                    lived >= options_.reconnect_backoff_max;
  // A server that only ever sends away is not called again and again.
  if (is_leaving_) was_of_use = goodbyes_ < 2;
  if (was_of_use) {
    last_error_ = copy_error(cause);
    failed_attempts_ = is_silent_ ? 1 : 0;
    deadlines_.clear(step_deadline_);
    (void)change_state(ConnectionState::idle, &cause);
  } else {
    back_off(std::move(cause));
  }
  if (!guard.is_dead()) tell_ended();
}

// Gives up stream and look-up, whatever they are at. The caller sees to the requests.
void Connection::drop_stream() noexcept {
  end_answer_paths();
  stream_.reset();
  stream_error_.reset();
  resolution_.reset();
  resolved_.reset();
  deadlines_.clear(write_deadline_);
  deadlines_.clear(frame_deadline_);
  is_writing_ = is_frame_watched_ = false;
  responses_writing_ = 0;
  responses_.clear();
  frames_.reset();
}

// Between half of `ceiling` and all of it, and never below the shortest pause: peers that were lost
// together do not come back together.
base::Duration Connection::choose_pause(base::Duration ceiling) noexcept {
  const base::Duration floor = std::max(options_.reconnect_backoff_min, ceiling / 2);
  const base::Duration spread = std::max(ceiling - floor, base::Duration::zero());
  const auto choices = static_cast<std::uint64_t>(spread.count()) + 1;
  return floor + base::Duration(static_cast<std::int64_t>(loop_.random().below(choices)));
}

// An attempt failed, or a session that was of no use. The n-th pause in a row is chosen from
// min * 2^n, up to max; those who ask meanwhile have it end sooner.
void Connection::back_off(base::Error cause) noexcept {
  drop_stream();
  if (state_ != ConnectionState::open) {
    add_peer(options_, "cannot connect to ", peer_text_, "", &cause);
  }
  last_error_ = copy_error(cause);

  const base::Duration min = std::max(options_.reconnect_backoff_min, base::Duration(1));
  const base::Duration max = std::max(options_.reconnect_backoff_max, min);
  failed_attempts_ = std::min(failed_attempts_ + 1, 62);
  base::Duration ceiling = min;
  for (int n = 0; n < failed_attempts_ && ceiling < max; ++n) {
    ceiling = ceiling > max / 2 ? max : ceiling * 2;
  }
  paused_at_ = loop_.now();
  deadlines_.set(step_deadline_, paused_at_ + choose_pause(ceiling));
  // An attempt that ran out of time was a pause, too.
  const base::Instant began_at = attempt_due_ - options_.connect_timeout;
  demand_due_ = std::max(
      paused_at_ + min, began_at + choose_pause(std::min(ceiling, std::max(kDemandPauseMax, min))));

  Guard guard(*this);
  if (!change_state(ConnectionState::backing_off, &cause)) return;
  end_waiting(cause, true);
  if (is_wanted_ || !waiting_.is_empty()) note_demand(base::kNever);
  tell_ended();
}

void Connection::on_step_deadline() noexcept {
  switch (state_) {
    case ConnectionState::resolving:
      back_off(make_connect_timeout("the name was not resolved"));
      break;
    case ConnectionState::connecting:
      note_loss(make_connect_timeout("no connection"));
      break;
    case ConnectionState::open:
      if (is_leaving_) {
        leave_server();
      } else {
        check_idle();
      }
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
void Connection::check_idle() noexcept {
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
