#include "tests/fault/remoting/fake_peer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "transport/tls_listener.h"

namespace rmq::remoting::testing {

PeerSession::PeerSession(FakePeer& peer, std::unique_ptr<transport::ByteStream> stream)
    : peer_(peer),
      stream_(std::move(stream)),
      space_(64 * 1024),
      read_bytes_max_(space_.size()),
      read_timer_(peer.loop_.make_timer(*this)) {
  stream_->set_handler(*this);
}

void PeerSession::read_slowly(std::size_t bytes, base::Duration interval) {
  read_bytes_max_ = std::clamp<std::size_t>(bytes, 1, space_.size());
  read_interval_ = interval;
}

void PeerSession::on_timer() { stream_->resume_reading(); }

void PeerSession::send(std::string bytes) {
  to_write_ += bytes;
  write();
}

void PeerSession::send(const wire::Command& command) {
  std::string frame;
  wire::append_frame(command, &frame);
  send(std::move(frame));
}

void PeerSession::answer(std::int32_t opaque, std::string body, wire::Serialization serialization) {
  wire::Command response;
  response.serialization = serialization;
  response.opaque = opaque;
  response.flag = wire::kFlagResponse;
  response.body = std::move(body);
  send(response);
}

void PeerSession::write() {
  while (!is_writing_ && !is_closed_ && !to_write_.empty()) {
    writing_ = std::exchange(to_write_, {});
    const base::Bytes chunk = base::as_bytes(writing_);
    is_writing_ = !stream_->write({&chunk, 1});
  }
}

void PeerSession::on_written() {
  is_writing_ = false;
  write();
}

void PeerSession::on_read(std::size_t size) {
  bytes_received_ += size;
  if (read_interval_ > base::Duration{0}) {
    stream_->pause_reading();
    read_timer_->arm(peer_.loop_.now() + read_interval_);
  }
  received_.append(reinterpret_cast<const char*>(space_.data()), size);
  std::size_t begin = 0;
  for (;;) {
    const base::Bytes rest = base::as_bytes(received_).subspan(begin);
    const auto frame_size = wire::frame_size(rest);
    ASSERT_TRUE(frame_size.ok()) << frame_size.error().message;
    if (frame_size.value() == 0 || rest.size() < frame_size.value()) break;
    const auto command = reader_.read(rest.first(frame_size.value()));
    ASSERT_TRUE(command.ok()) << command.error().message;
    const wire::CommandView& view = command.value();
    begin += frame_size.value();
    const SeenRequest seen{this,        view.serialization, view.code,
                           view.opaque, view.flag,          std::string(base::as_text(view.body))};
    peer_.seen.push_back(seen);
    if (peer_.on_frame) peer_.on_frame(seen);
  }
  received_.erase(0, begin);
}

FakePeer::FakePeer(transport::MemoryLoop& loop, std::uint16_t port)
    : loop_(loop), address_(loop.host()) {
  address_.port = port;
  listen();
}

FakePeer::~FakePeer() = default;

void FakePeer::listen() {
  auto listener = loop_.listen(address_, *this);
  ASSERT_TRUE(listener.ok()) << listener.error().message;
  listener_ = listener.take_value();
}

void FakePeer::listen_with_tls(std::shared_ptr<const transport::TlsContext> context) {
  listener_.reset();
  auto listener = transport::TlsListener::listen(loop_, address_, std::move(context), *this);
  ASSERT_TRUE(listener.ok()) << listener.error().message;
  listener_ = listener.take_value();
}

void FakePeer::on_accept(std::unique_ptr<transport::ByteStream> stream) {
  sessions.push_back(std::make_unique<PeerSession>(*this, std::move(stream)));
  if (on_session) on_session(*sessions.back());
}

}  // namespace rmq::remoting::testing
