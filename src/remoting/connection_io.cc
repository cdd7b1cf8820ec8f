#include <cassert>
#include <new>
#include <utility>

#include "remoting/connection.h"
#include "remoting/connection_error.h"
#include "remoting/connection_guard.h"
#include "wire/frame_writer.h"

// Bytes: what is gathered into writes, and what becomes of what was read.

namespace rmq::remoting {

namespace {

// One vectored write takes no more than this, or one frame that is larger. No request in a write
// can end before the whole write is done.
constexpr std::size_t kWriteBytesMax = 256 * 1024;
// The answer of a server that is shutting down and has not worked on the request.
constexpr std::int32_t kGoAway = 1500;

}  // namespace

std::string Connection::local_address() const {
  return state_ == ConnectionState::open && !stream_error_ ? stream_->local_address()
                                                           : std::string();
}

base::Status Connection::send_response(std::uint64_t session, std::string frame) {
  if (state_ != ConnectionState::open || session != session_ || stream_error_) {
    return make_peer_error(options_, base::ErrorCode::RESET,
                           "the session with " + peer_text_ + " that the request came in is over");
  }
  if (responses_.size() >= options_.responses_max) {
    return make_peer_error(options_, base::ErrorCode::QUEUE_FULL,
                           std::to_string(responses_.size()) + " answers to " + peer_text_ +
                               " are not written yet, limit " +
                               std::to_string(options_.responses_max));
  }
  if (frame.empty()) return {};
  responses_.push_back(std::move(frame));
  turn_end_->schedule();
  return {};
}

void Connection::write_what_is_ready() noexcept {
  Guard guard(*this);
  while (state_ == ConnectionState::open && !is_writing_ && !is_leaving_ && !stream_error_ &&
         gather()) {
    std::size_t bytes = 0;
    for (const base::Bytes chunk : chunks_) bytes += chunk.size();
    ++counters_.writes;
    counters_.bytes_written += bytes;
    active_at_ = loop_.now();
    is_writing_ = true;
    if (!hand_over()) return;
    finish_write();
    if (guard.is_dead()) return;
  }
}

// Gives chunks_ to the stream. True: it is done with them already.
bool Connection::hand_over() noexcept {
  try {
    if (stream_->write(chunks_)) return true;
    watch_write();
  } catch (const std::bad_alloc&) {
    note_loss(base::make_memory_error());
  }
  return false;
}

// Fills chunks_ with the next write. False: there is nothing to write, or no slot for it.
bool Connection::gather() noexcept {
  chunks_.clear();
  std::size_t bytes = 0;
  const auto has_room_for = [&](std::size_t size) {
    return chunks_.empty() || (bytes + size <= kWriteBytesMax &&
                               chunks_.size() + 2 <= transport::ByteStream::max_chunks());
  };
  const base::Instant now = loop_.now();
  responses_writing_ = 0;
  for (const std::string& response : responses_) {
    if (!has_room_for(response.size())) break;
    chunks_.push_back(base::as_bytes(response));
    bytes += response.size();
    ++responses_writing_;
  }
  while (Request* request = waiting_.front()) {
    if (!has_room_for(request->size()) || !assign_opaque(*request)) break;
    waiting_.pop_front();
    assert(waiting_count_ > 0);
    assert(waiting_bytes_ >= request->size());
    --waiting_count_;
    waiting_bytes_ -= request->size();
    wire::patch_opaque(request->frame, request->opaque_);
    request->set_state(Request::State::writing);
    request->written_at_ = now;
    note_asked(*request);
    writing_.push_back(*request);
    ++counters_.requests_written;
    chunks_.push_back(request->frame);
    if (!request->body.empty()) chunks_.push_back(request->body);
    bytes += request->size();
  }
  return !chunks_.empty();
}

// False: no slot is free, or there is no memory for another.
bool Connection::assign_opaque(Request& request) noexcept {
  if (request.oneway) {
    request.opaque_ = table_.next_oneway_opaque();
    return true;
  }
  try {
    const std::optional<std::int32_t> opaque = table_.insert(request);
    if (opaque) request.opaque_ = *opaque;
    return opaque.has_value();
  } catch (const std::bad_alloc&) {
    leave(request);
    refuse(request, make_request_error(options_, base::make_memory_error(), false,
                                       {request.submitted_at_, loop_.now(), request.deadline}));
    turn_end_->schedule();  // for those behind it
    return false;
  }
}

void Connection::on_written() {
  turn_end_->schedule();
  finish_write();
}

void Connection::finish_write() noexcept {
  is_writing_ = false;
  deadlines_.clear(write_deadline_);
  active_at_ = loop_.now();
  responses_.erase(responses_.begin(),
                   responses_.begin() + static_cast<std::ptrdiff_t>(responses_writing_));
  responses_writing_ = 0;

  Guard guard(*this);
  while (Request* request = writing_.pop_front()) {
    if (request->goes_again_ && !request->error_) {
      table_.release(request->opaque_);
      send_again(*request);
      continue;
    }
    const bool has_answer = request->early_slab_ || request->goes_again_;
    if (!request->error_ && !has_answer && !request->oneway) {
      request->set_state(Request::State::written);
      continue;
    }
    deadlines_.clear(*request);
    if (!request->oneway) {
      if (has_answer) {
        table_.release(request->opaque_);
        if (request->error_) request->early_slab_.reset();
      } else {
        request->set_state(Request::State::written);
        leave(*request);
      }
    }
    if (request->error_ || has_answer) {
      tell(*request);
    } else {
      count_pending(-1);
      request->set_state(Request::State::idle);
      request->tell_sent();
    }
    if (guard.is_dead()) return;
  }
}

base::MutableBytes Connection::read_space() { return frames_.space(); }

void Connection::on_read(std::size_t size) {
  counters_.bytes_read += size;
  active_at_ = loop_.now();
  frames_.filled(size);

  const base::SlabRef slab = frames_.slab();  // outlives the connection, if need be
  const std::uint64_t session = session_;
  Guard guard(*this);
  bool is_whole = false;
  while (!guard.is_dead() && state_ == ConnectionState::open && session_ == session &&
         !stream_error_) {
    base::Result<base::Bytes> frame = frames_.next();
    if (!frame.ok()) {
      note_loss(frame.take_error());
      return;
    }
    if (frame.value().empty()) return watch_frame(size, is_whole);
    is_whole = true;
    take_frame(frame.value(), slab);
  }
}

void Connection::take_frame(base::Bytes frame, const base::SlabRef& slab) {
  base::Result<wire::CommandView> command = reader_.read(frame);
  if (!command.ok()) {
    note_loss(command.take_error());
    return;
  }
  note_heard();
  if (!is_useful_) {
    is_useful_ = true;
    last_error_.reset();
    failed_attempts_ = 0;
  }
  // Both sides number their requests for themselves, so the flag decides, not the opaque.
  if (command.value().is_response()) {
    take_answer(command.value(), frame, slab);
  } else {
    ++counters_.server_requests;
    handler_.on_server_request(command.value(), slab, *this);
  }
}

void Connection::take_answer(const wire::CommandView& answer, base::Bytes frame,
                             const base::SlabRef& slab) {
  const RequestTable::Match match = table_.find(answer.opaque);
  if (match.owner == RequestTable::Owner::nobody) {
    ++counters_.unknown_answers;
    return;
  }
  if (match.owner == RequestTable::Owner::quarantine) {
    table_.release(answer.opaque);
    ++counters_.late_answers;
    return;
  }
  Request& request = *match.request;
  if (answer.code == kGoAway) {
    note_go_away();
  } else {
    goodbyes_ = 0;
  }
  const bool goes_again = answer.code == kGoAway && !request.was_sent_away_;
  if (request.state_ == Request::State::writing) {
    // Told when the stream has let go of its bytes, unless it has ended by then.
    if (request.early_slab_ || request.goes_again_) {
      ++counters_.unknown_answers;
      return;
    }
    if (goes_again) {
      request.goes_again_ = true;
      return;
    }
    ++(request.error_ ? counters_.late_answers : counters_.answers);
    request.early_slab_ = slab;
    request.early_frame_ = frame;
    return;
  }
  table_.release(answer.opaque);
  if (goes_again) return send_again(request);
  ++counters_.answers;
  deadlines_.clear(request);
  if (drain_reason_ || !waiting_.is_empty()) turn_end_->schedule();
  count_pending(-1);
  request.set_state(Request::State::idle);
  request.tell_response(answer, slab);
}

void Connection::note_go_away() noexcept {
  turn_end_->schedule();
  if (is_leaving_) return;
  is_leaving_ = true;
  ++goodbyes_;
  // What the server still works on may be a long poll. See leave_server_soon(), too.
  deadlines_.set(step_deadline_, loop_.now() + options_.connect_timeout);
}

// Its deadline stays what it was.
void Connection::send_again(Request& request) noexcept {
  request.goes_again_ = false;
  request.was_sent_away_ = true;
  request.set_state(Request::State::waiting);
  waiting_.push_back(request);
  ++waiting_count_;
  waiting_bytes_ += request.size();
  ++counters_.sent_again;
}

}  // namespace rmq::remoting
