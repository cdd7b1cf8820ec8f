#include "testbroker/server_connection.h"

#include <algorithm>
#include <cstring>
#include <ratio>
#include <utility>

namespace rmq::testbroker {
namespace {

constexpr std::size_t kInputBytesMin = 16 * 1024;
constexpr std::size_t kReadBytesMin = 4 * 1024;
constexpr std::size_t kSlowReadsPerSecond = 10;
constexpr std::size_t kInputBytesKept = 256 * 1024;  // larger buffers are given back when empty

}  // namespace

ServerConnection::ServerConnection(std::uint64_t number,
                                   std::unique_ptr<transport::ByteStream> stream,
                                   const ServerLimits& limits, ServerConnectionHandler& handler)
    : number_(number), limits_(limits), handler_(handler), stream_(std::move(stream)) {
  stream_->set_handler(*this);
}

// --- Reading -----------------------------------------------------------------------------------

base::MutableBytes ServerConnection::read_space() {
  make_room();
  std::size_t room = input_capacity_ - input_end_;
  if (read_rate_ > 0) room = std::clamp<std::size_t>(read_rate_ / kSlowReadsPerSecond, 1, room);
  return {input_.get() + input_end_, room};
}

// Frames are looked at before there is room for them: the buffer grows with what has arrived and
// never by what a length field says.
void ServerConnection::make_room() {
  if (input_begin_ == input_end_) {
    input_begin_ = input_end_ = 0;
    if (input_capacity_ > kInputBytesKept) {
      input_.reset();
      input_capacity_ = 0;
    }
  }
  if (input_capacity_ - input_end_ >= kReadBytesMin) return;
  const std::size_t unused = input_end_ - input_begin_;
  std::size_t capacity = std::max(input_capacity_, kInputBytesMin);
  if (unused > capacity / 2) capacity *= 2;
  capacity = std::min(capacity, limits_.frame_bytes_max + kInputBytesMin);
  if (capacity == input_capacity_) {
    if (input_begin_ == 0) return;
    std::memmove(input_.get(), input_.get() + input_begin_, unused);
  } else {
    auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (unused > 0) std::memcpy(larger.get(), input_.get() + input_begin_, unused);
    input_ = std::move(larger);
    input_capacity_ = capacity;
  }
  input_begin_ = 0;
  input_end_ = unused;
}

void ServerConnection::on_read(std::size_t size) {
  input_end_ += size;
  bytes_read_ += size;
  read_frames();
  if (read_rate_ == 0 || ended_ || is_dumb()) return;
  pause(Pause::slow);
  constexpr std::int64_t kSecond = std::nano::den;
  handler_.on_slow_read(*this, base::Duration(static_cast<std::int64_t>(size) * kSecond /
                                              static_cast<std::int64_t>(read_rate_)));
}

void ServerConnection::set_read_rate(std::size_t bytes_per_second) {
  constexpr std::size_t kRateMax = 1u << 30;
  read_rate_ = std::clamp<std::size_t>(bytes_per_second, 1, kRateMax);
}

void ServerConnection::go_dumb() {
  pause(Pause::dumb);
  waiting_.clear();
  set_aside_.clear();
}

void ServerConnection::read_frames() {
  if (reading_frames_) return;  // a pause may end inside on_frame
  reading_frames_ = true;
  while (!ended_ && !cutting_ && pauses_ == 0 && read_one_frame()) {
  }
  reading_frames_ = false;
}

bool ServerConnection::read_one_frame() {
  const base::Bytes unused{input_.get() + input_begin_, input_end_ - input_begin_};
  const auto size = wire::frame_size(unused);
  if (!size.ok()) {
    end(size.error().message);
    return false;
  }
  if (size.value() > limits_.frame_bytes_max) {
    end("a frame is larger than the limit");
    return false;
  }
  if (size.value() == 0 || size.value() > unused.size()) return false;
  const auto command = reader_.read(unused.first(size.value()));
  if (!command.ok()) {
    end(command.error().message);
    return false;
  }
  input_begin_ += size.value();
  handler_.on_frame(*this, command.value());
  return true;
}

void ServerConnection::pause(Pause reason) {
  if (ended_) return;
  if (pauses_ == 0) stream_->pause_reading();
  pauses_ |= static_cast<unsigned>(reason);
}

void ServerConnection::resume(Pause reason) {
  if (ended_ || !is_paused(reason)) return;
  pauses_ &= ~static_cast<unsigned>(reason);
  if (reason == Pause::server_paused) handler_.on_output(*this);
  if (pauses_ != 0) return;
  read_frames();  // what had arrived before the pause
  if (!ended_ && pauses_ == 0) stream_->resume_reading();
}

// --- Writing -----------------------------------------------------------------------------------

void ServerConnection::answer(const wire::Command& command) {
  if (ended_ || cutting_ || is_dumb()) return;
  wire::append_frame(command, &waiting_);
  add_set_aside();
  note_output();
}

void ServerConnection::send(std::string_view bytes) {
  if (ended_ || cutting_ || is_dumb()) return;
  waiting_ += bytes;
  add_set_aside();
  note_output();
}

void ServerConnection::add_set_aside() {
  waiting_ += set_aside_;
  set_aside_.clear();
}

void ServerConnection::send_behind_next(std::string_view bytes) {
  if (ended_ || cutting_ || is_dumb()) return;
  if (set_aside_.empty()) {
    set_aside_ = bytes;
  } else {
    send(bytes);
  }
}

void ServerConnection::release_set_aside() {
  if (!set_aside_.empty()) send({});
}

void ServerConnection::cut_when_written() {
  if (ended_ || is_dumb()) return;
  cutting_ = true;
  pause(Pause::cutting);
  handler_.on_output(*this);
  handler_.on_output_full(*this);
}

void ServerConnection::cut_after_output(std::uint64_t bytes) {
  output_limit_ = bytes;
  apply_output_limit();
}

void ServerConnection::apply_output_limit() {
  if (!output_limit_ || cutting_ || waiting_.size() < *output_limit_) return;
  waiting_.resize(*output_limit_);
  cut_when_written();
}

void ServerConnection::note_output() {
  apply_output_limit();
  if (bytes_waiting() == 0) return;
  if (bytes_waiting() > limits_.output_bytes_max) {
    end("too much output waits for a client that does not read");
    return;
  }
  handler_.on_output(*this);
  if (bytes_waiting() > limits_.output_bytes_pause && !is_paused(Pause::output_full)) {
    pause(Pause::output_full);
    handler_.on_output_full(*this);
  }
}

void ServerConnection::flush() {
  if (ended_ || write_outstanding_ || is_paused(Pause::server_paused) || is_dumb()) return;
  if (!waiting_.empty()) {
    if (output_limit_) *output_limit_ -= waiting_.size();
    writing_.swap(waiting_);
    const base::Bytes chunk = base::as_bytes(writing_);
    write_outstanding_ = !stream_->write({&chunk, 1});
    if (!write_outstanding_) after_write();
  } else if (cutting_) {
    end("cut by the script");
  }
}

void ServerConnection::after_write() {
  bytes_written_ += writing_.size();
  writing_.clear();
  if (waiting_.empty() && cutting_) {
    end("cut by the script");
    return;
  }
  if (!waiting_.empty()) handler_.on_output(*this);
  if (bytes_waiting() <= limits_.output_bytes_pause / 2) resume(Pause::output_full);
}

void ServerConnection::on_written() {
  write_outstanding_ = false;
  after_write();
}

// --- The end -----------------------------------------------------------------------------------

void ServerConnection::on_closed(base::Error error) { end(error.message); }

void ServerConnection::end(std::string_view why) {
  if (ended_) return;
  close();
  handler_.on_end(*this, why);
}

void ServerConnection::close() {
  ended_ = true;
  stream_->close();
}

}  // namespace rmq::testbroker
