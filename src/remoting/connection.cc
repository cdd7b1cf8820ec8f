#include "remoting/connection.h"

#include <cassert>
#include <utility>

#include "remoting/connection_error.h"
#include "remoting/connection_guard.h"

// Requests and their ends. The states are in connection_states.cc, the bytes in connection_io.cc.

namespace rmq::remoting {

Connection::Connection(transport::Loop& loop, Deadlines& deadlines, StreamFactory& streams,
                       ConnectionHandler& handler, ConnectionOptions options)
    : loop_(loop),
      deadlines_(deadlines),
      streams_(streams),
      handler_(handler),
      options_(std::move(options)),
      peer_text_(describe_peer(options_)),
      keep_open_(options_.keep_open),
      turn_end_(loop.make_turn_end_task(*this)),
      step_deadline_(*this),
      frames_(options_.slab_bytes),
      table_(options_.requests_max, options_.quarantine_max),
      silence_deadline_(*this),
      frame_deadline_(*this),
      write_deadline_(*this) {
  chunks_.reserve(transport::ByteStream::max_chunks());
  if (keep_open_) turn_end_->schedule();
}

Connection::~Connection() {
  Guard::mark_dead(std::exchange(guards_, nullptr));
  if (state_ != ConnectionState::closed) {
    const base::Error reason = base::make_error_or_code(base::ErrorCode::SHUTDOWN, [this] {
      return make_peer_error(options_, base::ErrorCode::SHUTDOWN,
                             "the connection to " + peer_text_ + " was dropped");
    });
    state_ = ConnectionState::closed;
    drop_stream();
    end_written(reason);
    end_waiting(reason, false);
  }
  deadlines_.clear(step_deadline_);
  deadlines_.clear(silence_deadline_);
  tell_ended();
  while (Request* request = refused_.front()) {
    leave(*request);
    tell(*request);
  }
}

void Connection::submit(Request& request) noexcept {
  assert(request.state_ == Request::State::idle);
  assert(!request.frame.empty());
  request.handler_ = this;
  request.submitted_at_ = loop_.now();
  request.was_sent_away_ = request.goes_again_ = false;
  count_pending(1);
  if (NotedError refusal = find_refusal(request)) {
    refuse(request, std::move(refusal));
    return;
  }
  deadlines_.set(request, request.deadline);
  request.set_state(Request::State::waiting);
  waiting_.push_back(request);
  ++waiting_count_;
  waiting_bytes_ += request.size();
  turn_end_->schedule();
  note_demand(request.deadline);
}

// Ends it in the next turn, by a deadline that is over.
void Connection::refuse(Request& request, NotedError error) noexcept {
  request.error_ = std::move(error);
  request.set_state(Request::State::refused);
  refused_.push_back(request);
  deadlines_.set(request, loop_.now());
}

NotedError Connection::find_refusal(const Request& request) const noexcept {
  using base::ErrorCode;
  const RequestSpan span{request.submitted_at_, request.submitted_at_, request.deadline};
  const auto make = [&](ErrorCode code, auto describe) -> NotedError {
    const base::Error cause =
        base::make_error_or_code(code, [&] { return base::make_error(code, describe()); });
    return make_request_error(options_, cause, false, span);
  };
  if (state_ == ConnectionState::closed) {
    return make(ErrorCode::CLOSED,
                [&] { return "the connection to " + peer_text_ + " is closed"; });
  }
  if (drain_reason_) {
    return make(ErrorCode::CLOSING, [&] {
      return "the connection to " + peer_text_ + " is closing: " + drain_reason_->message;
    });
  }
  if (request.size() > wire::kFrameBytesMax) {
    return make(ErrorCode::TOO_LARGE, [&] {
      return "a frame of " + std::to_string(request.size()) + " bytes, limit " +
             std::to_string(wire::kFrameBytesMax);
    });
  }
  // A request alone may exceed the bound on bytes: otherwise it could never be sent.
  if (waiting_count_ >= options_.waiting_requests_max ||
      (waiting_count_ > 0 && waiting_bytes_ + request.size() > options_.waiting_bytes_max)) {
    return make(ErrorCode::QUEUE_FULL, [&] {
      return "the connection to " + peer_text_ + " holds " + std::to_string(waiting_count_) +
             " unwritten requests of " + std::to_string(waiting_bytes_) + " bytes, limits " +
             std::to_string(options_.waiting_requests_max) + " and " +
             std::to_string(options_.waiting_bytes_max);
    });
  }
  return {};
}

bool Connection::cancel(Request& request) noexcept {
  if (request.state_ == Request::State::idle || request.handler_ != this) return false;
  const RequestSpan span{request.submitted_at_, loop_.now(), request.deadline};
  const bool was_written =
      request.state_ == Request::State::writing || request.state_ == Request::State::written ||
      (request.error_ && request.error_.outcome() != base::Outcome::not_applied) ||
      request.early_slab_;
  const base::Error cause = base::make_error_or_code(base::ErrorCode::CANCELLED, [this] {
    return base::make_error(base::ErrorCode::CANCELLED,
                            "the request to " + peer_text_ + " was cancelled");
  });
  NotedError error = make_request_error(options_, cause, was_written, span);
  if (request.state_ == Request::State::writing) {
    if (request.early_slab_) return false;
    request.error_ = std::move(error);
    deadlines_.clear(request);
    write_watch_.note_overdue(loop_.now());
    look_at_write();
    return false;
  }
  leave(request);
  request.early_slab_.reset();
  request.error_ = std::move(error);
  turn_end_->schedule();
  tell(request);
  return true;
}

// Takes the request off whatever holds it but the present write.
void Connection::leave(Request& request) noexcept {
  deadlines_.clear(request);
  if (request.state_ == Request::State::waiting) {
    assert(waiting_count_ > 0);
    assert(waiting_bytes_ >= request.size());
    --waiting_count_;
    waiting_bytes_ -= request.size();
  } else if (request.state_ == Request::State::written) {
    table_.quarantine(request.opaque_);
    if (table_.is_quarantine_full()) {
      note_loss(base::make_error_or_code(base::ErrorCode::NETWORK, [this] {
        return base::make_error(base::ErrorCode::NETWORK,
                                std::to_string(table_.quarantined()) +
                                    " timed out or cancelled requests were never answered");
      }));
    }
  }
  request.base::ListNode<Request>::unlink_if_linked();
}

void Connection::end(Request& request, NotedError error) noexcept {
  request.error_ = std::move(error);
  request.set_state(Request::State::ended);
  ended_.push_back(request);
}

void Connection::end_waiting(const base::Error& cause, bool fail_fast_only) noexcept {
  Request* next = nullptr;
  for (Request* request = waiting_.front(); request != nullptr; request = next) {
    next = waiting_.next_of(*request);
    if (fail_fast_only && !request->fail_fast) continue;
    leave(*request);
    end(*request, make_request_error(options_, cause, false,
                                     {request->submitted_at_, loop_.now(), request->deadline}));
  }
}

// Ends whatever was handed to the stream, which is gone by now, and empties the table.
void Connection::end_written(const base::Error& cause) noexcept {
  const auto end_one = [&](Request& request) {
    deadlines_.clear(request);
    request.base::ListNode<Request>::unlink_if_linked();
    NotedError error = std::move(request.error_);  // noted earlier
    if (!error && !request.early_slab_) {
      error = make_request_error(options_, cause, true,
                                 {request.submitted_at_, loop_.now(), request.deadline});
    }
    if (error) request.early_slab_.reset();
    end(request, std::move(error));
  };
  while (Request* request = table_.first()) {
    table_.release(request->opaque_);
    end_one(*request);
  }
  while (Request* request = writing_.front()) end_one(*request);  // one-way
  table_.clear();
}

void Connection::tell_ended() noexcept {
  Guard guard(*this);
  while (Request* request = ended_.pop_front()) {
    tell(*request);
    if (guard.is_dead()) return;
  }
}

void Connection::count_pending(int change) noexcept {
  assert(change > 0 || pending_ > 0);
  pending_ += static_cast<std::size_t>(change);
  handler_.on_pending_changed(change);
}

// The end of a request that has left everything. The connection may be gone afterwards.
void Connection::tell(Request& request) noexcept {
  count_pending(-1);
  request.set_state(Request::State::idle);
  base::Error error;
  if (request.error_) {
    error = request.error_.take();
    error.server_role = options_.server_role;
  } else {
    const base::SlabRef slab = std::move(request.early_slab_);
    try {
      base::Result<wire::CommandView> answer = reader_.read(request.early_frame_);
      if (answer.ok()) return request.tell_response(answer.value(), slab);
      error = answer.take_error();  // it was good when it came
    } catch (const std::bad_alloc&) {
      error = base::make_memory_error();
      error.outcome = base::Outcome::maybe_applied;
    }
  }
  request.tell_failure(std::move(error));
}

void Connection::on_deadline(Deadline& deadline) {
  if (&deadline == &step_deadline_) {
    on_step_deadline();
  } else if (&deadline == &silence_deadline_) {
    on_silence_deadline();
  } else if (&deadline == &write_deadline_) {
    look_at_write();
  } else if (&deadline == &frame_deadline_) {
    look_at_frame();
  } else {
    on_request_deadline(static_cast<Request&>(deadline));
  }
}

void Connection::on_request_deadline(Request& request) noexcept {
  turn_end_->schedule();
  if (request.state_ == Request::State::refused) {
    leave(request);
    tell(request);
    return;
  }
  if (request.state_ == Request::State::writing) {
    // An answer that came early is told instead.
    if (!request.early_slab_) request.error_ = make_timeout_error(request);
    write_watch_.note_overdue(loop_.now());
    look_at_write();
    return;
  }
  request.error_ = make_timeout_error(request);
  if (request.state_ == Request::State::written) {
    is_frame_watched_ ? note_starved(request) : note_timeout(request);
  }
  leave(request);
  tell(request);
}

base::Error Connection::make_timeout_error(const Request& request) const noexcept {
  using base::ErrorCode;
  const RequestSpan span{request.submitted_at_, loop_.now(), request.deadline};
  const bool was_written = request.state_ != Request::State::waiting;
  const auto make = [&](ErrorCode code, auto describe) {
    const base::Error cause =
        base::make_error_or_code(code, [&] { return base::make_error(code, describe()); });
    return make_request_error(options_, cause, was_written, span);
  };
  if (request.state_ == Request::State::writing) {
    return make(ErrorCode::REQUEST_TIMEOUT,
                [&] { return peer_text_ + " did not take all the bytes of this request in time"; });
  }
  if (was_written) {
    return make(ErrorCode::REQUEST_TIMEOUT,
                [&] { return "no answer from " + peer_text_ + " in time"; });
  }
  // A time limit below the shortest pause: there was no attempt that could have run out of time.
  if (state_ == ConnectionState::backing_off && last_error_ &&
      paused_at_ <= request.submitted_at_) {
    return make_request_error(options_, *last_error_, false, span);
  }
  if (state_ != ConnectionState::open) {
    // What this process lacks is the cause, whatever the time.
    const bool is_ours = last_error_ && base::error_code_info(last_error_->code).category ==
                                            base::ErrorCategory::resource;
    return make(is_ours ? last_error_->code : ErrorCode::CONNECT_TIMEOUT, [&] {
      const bool is_looked_up = state_ == ConnectionState::resolving;
      return "no connection to " + peer_text_ + " in time" +
             (is_looked_up ? ": its name is still being looked up" : "") +
             (last_error_ ? " (last error: " + last_error_->message + ")" : std::string());
    });
  }
  if (table_.size() >= options_.requests_max) {
    return make(ErrorCode::QUEUE_FULL, [&] {
      return "the connection to " + peer_text_ + " has " + std::to_string(table_.size()) +
             " unanswered requests, limit " + std::to_string(options_.requests_max);
    });
  }
  return make(ErrorCode::REQUEST_TIMEOUT,
              [&] { return peer_text_ + " did not take the bytes before this request in time"; });
}

void Connection::close_when_drained(base::Error reason) noexcept {
  if (state_ == ConnectionState::closed || drain_reason_) return;
  drain_reason_ = std::move(reason);
  keep_open_ = is_wanted_ = false;
  turn_end_->schedule();
}

void Connection::close_if_drained() noexcept {
  if (!drain_reason_ || state_ == ConnectionState::closed) return;
  if (pending_ > 0 || is_writing_ || !responses_.empty()) return;
  close(std::move(*drain_reason_));
}

void Connection::close(base::Error reason) noexcept {
  if (state_ == ConnectionState::closed) return;
  drop_stream();
  deadlines_.clear(step_deadline_);
  deadlines_.clear(silence_deadline_);
  end_written(reason);
  end_waiting(reason, false);
  Guard guard(*this);
  (void)change_state(ConnectionState::closed, &reason);
  if (guard.is_dead()) return;
  tell_ended();
}

}  // namespace rmq::remoting
