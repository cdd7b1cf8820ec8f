// TLS 1.2 or 1.3 over another stream, client's or server's side as its context says. Opens only
// after a verified handshake. Memory is bounded: one read's worth of records in, one write's worth
// out. A longer write is encrypted piece by piece as the stream below takes it.
//
// Owned by its user; loop thread only. As with every ByteStream it may be destroyed inside its own
// callbacks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "transport/byte_stream.h"
#include "transport/loop.h"
#include "transport/tls_context.h"

namespace rmq::transport {

class TlsStream final : public ByteStream, private ByteStreamHandler, private TurnEndHandler {
 public:
  // Client: `below` is new, `host` is the name or address that the certificate must show.
  // Server: `below` is open, `host` is for messages; the handshake starts by itself, and on_open
  // tells its end. Takes the handler of `below`.
  TlsStream(Loop& loop, std::unique_ptr<ByteStream> below,
            std::shared_ptr<const TlsContext> context, std::string host);
  ~TlsStream() override;

  // May be replaced while open, so that whoever waited for the handshake can hand the stream on.
  void set_handler(ByteStreamHandler& handler) override { handler_ = &handler; }
  void connect(const SocketAddress& address) override;
  bool write(std::span<const base::Bytes> chunks) override;
  std::uint64_t bytes_taken() const override { return below_->bytes_taken(); }
  void pause_reading() override;
  void resume_reading() override;
  void close() override;  // with a close_notify, as far as the stream below takes it at once
  std::string local_address() const override { return below_->local_address(); }

  // "TLSv1.3"; of an open stream.
  std::string protocol_version() const;

 private:
  enum class State {
    kNew,          // -> kHandshaking by connect; servers start there
    kHandshaking,  // -> kOpen, kFailing, kClosed
    kOpen,         // -> kFailing, kClosed
    kFailing,      // the error is told at the end of the turn -> kClosed
    kClosed,
  };
  struct FreeSsl {
    void operator()(ssl_st* connection) const;
  };

  void on_open() override;
  base::MutableBytes read_space() override;
  void on_read(std::size_t size) override;
  void on_written() override;
  void on_closed(base::Error error) override;
  void on_turn_end() override;

  void go_on();
  void shake_hands();
  void read_plain();
  void go_on_writing();
  void hand_down();
  int encrypt_piece();
  void flush();
  bool write_is_done() const;
  void fail(base::Error error);
  void fail_later(base::Error error);
  base::Error describe(const char* doing);

  const std::shared_ptr<const TlsContext> context_;
  const std::string host_;
  std::unique_ptr<ByteStream> below_;
  std::unique_ptr<TurnEndTask> later_;
  std::unique_ptr<ssl_st, FreeSsl> tls_;
  ByteStreamHandler* handler_ = nullptr;
  State state_ = State::kNew;
  bool paused_ = false;
  bool below_writing_ = false;      // wire_out_ is with the stream below
  bool write_outstanding_ = false;  // the user's; plain_ is what is not encrypted yet
  std::vector<base::Bytes> plain_;
  std::vector<std::uint8_t> wire_in_;
  std::vector<std::uint8_t> wire_out_;
  std::string address_;
  base::Error error_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  // expires with this object
};

}  // namespace rmq::transport
