// The two faces of a MemoryConnection: the stream at each end, and the listener that makes the
// server's.
#pragma once

#include <memory>

#include "transport/memory_connection.h"
#include "transport/memory_loop.h"

namespace rmq::transport {

class MemoryStream final : public ByteStream {
 public:
  // Of a client, not connected yet.
  explicit MemoryStream(MemoryLoop& loop) : loop_(loop) { ++loop_.holdings().streams; }
  // The server's end of `connection`, open.
  MemoryStream(MemoryLoop& loop, std::shared_ptr<MemoryConnection> connection)
      : loop_(loop), side_(MemoryConnection::kServer), connection_(std::move(connection)) {
    ++loop_.holdings().streams;
  }
  ~MemoryStream() override {
    close();
    --loop_.holdings().streams;
  }

  void set_handler(ByteStreamHandler& handler) override;
  void connect(const SocketAddress& address) override;
  bool write(std::span<const base::Bytes> chunks) override;
  std::uint64_t bytes_taken() const override {
    return connection_ ? connection_->bytes_taken(side_) : 0;
  }
  void pause_reading() override { set_paused(true); }
  void resume_reading() override { set_paused(false); }
  void close() override;
  std::string local_address() const override;

 private:
  void set_paused(bool paused);

  MemoryLoop& loop_;
  ByteStreamHandler* handler_ = nullptr;
  const MemoryConnection::Side side_ = MemoryConnection::kClient;
  bool paused_ = false;
  std::shared_ptr<MemoryConnection> connection_;  // null before connect and after close
};

class MemoryListener final : public Listener {
 public:
  MemoryListener(MemoryLoop& loop, const SocketAddress& address, ListenerHandler& handler)
      : loop_(loop), address_(address), handler_(handler) {}
  ~MemoryListener() override;

  base::Status start();
  SocketAddress address() const override { return address_; }
  MemoryLoop& loop() { return loop_; }
  void accept(std::shared_ptr<MemoryConnection> connection);

 private:
  MemoryLoop& loop_;
  SocketAddress address_;
  ListenerHandler& handler_;
  bool started_ = false;
};

}  // namespace rmq::transport
