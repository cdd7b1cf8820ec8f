// A server that does what a test's script says: on the simulated network, one host, one port.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "transport/memory_loop.h"
#include "transport/tls_context.h"
#include "wire/command.h"

namespace rmq::remoting::testing {

class FakePeer;

// One accepted connection.
class PeerSession final : private transport::ByteStreamHandler, private transport::TimerHandler {
 public:
  PeerSession(FakePeer& peer, std::unique_ptr<transport::ByteStream> stream);

  void send(std::string bytes);
  void send(const wire::Command& command);
  // A response to the request with this opaque.
  void answer(std::int32_t opaque, std::string body, wire::Serialization serialization);
  void close() { stream_->close(); }
  void stop_reading() { stream_->pause_reading(); }
  void go_on_reading() { stream_->resume_reading(); }
  // From now on one read of at most `bytes`, at least 1, in each `interval`.
  void read_slowly(std::size_t bytes, base::Duration interval);
  bool is_closed() const { return is_closed_; }
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  void on_open() override {}
  base::MutableBytes read_space() override {
    return base::MutableBytes(space_).first(read_bytes_max_);
  }
  void on_read(std::size_t size) override;
  void on_written() override;
  void on_closed(base::Error) override { is_closed_ = true; }
  void on_timer() override;
  void write();

  FakePeer& peer_;
  std::unique_ptr<transport::ByteStream> stream_;
  std::vector<std::uint8_t> space_;
  std::size_t read_bytes_max_;
  base::Duration read_interval_{0};  // 0: as fast as bytes come
  std::unique_ptr<transport::Timer> read_timer_;
  std::string received_;
  std::string writing_;
  std::string to_write_;
  wire::CommandReader reader_;
  bool is_writing_ = false;
  bool is_closed_ = false;
  std::uint64_t bytes_received_ = 0;
};

// A request as the peer saw it.
struct SeenRequest {
  PeerSession* session;
  wire::Serialization serialization;
  std::int32_t code;
  std::int32_t opaque;
  std::int32_t flag;
  std::string body;
};

class FakePeer final : private transport::ListenerHandler {
 public:
  FakePeer(transport::MemoryLoop& loop, std::uint16_t port);
  ~FakePeer();

  // What to do with each frame that comes; by default it is only recorded in `seen`.
  std::function<void(const SeenRequest&)> on_frame;
  std::function<void(PeerSession&)> on_session;
  std::vector<SeenRequest> seen;
  std::vector<std::unique_ptr<PeerSession>> sessions;

  PeerSession& last() { return *sessions.back(); }
  void stop_listening() { listener_.reset(); }
  void listen();
  // From now on only through this.
  void listen_with_tls(std::shared_ptr<const transport::TlsContext> context);
  const transport::SocketAddress& address() const { return address_; }

 private:
  friend class PeerSession;
  void on_accept(std::unique_ptr<transport::ByteStream> stream) override;

  transport::MemoryLoop& loop_;
  transport::SocketAddress address_;
  std::unique_ptr<transport::Listener> listener_;
};

}  // namespace rmq::remoting::testing
