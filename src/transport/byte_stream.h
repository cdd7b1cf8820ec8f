// The byte stream: the one way in which bytes enter and leave the client. TCP on libuv, TLS over
// another stream, and pipes in memory all look like this. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "transport/address.h"

namespace rmq::transport {

class ByteStreamHandler {
 public:
  // The stream is open both ways (TLS: after a verified handshake).
  virtual void on_open() = 0;
  // Where the next bytes may go; at least one byte. Asked before each read; the space stays valid
  // until on_read, on_closed or close.
  virtual base::MutableBytes read_space() = 0;
  // `size` bytes (at least 1) of the last read_space were filled.
  virtual void on_read(std::size_t size) = 0;
  // All bytes of the last write are with the kernel (TLS: with the stream below); another write may
  // follow, from here too.
  virtual void on_written() = 0;
  // The end: connect or handshake failed, the peer closed (code RESET, "closed by the peer"), a
  // read or write failed. Called once at most, never after close(); nothing follows. The stream may
  // be destroyed from here.
  virtual void on_closed(base::Error error) = 0;

 protected:
  ~ByteStreamHandler() = default;
};

// Destroying a stream closes it silently; both are legal at any moment, inside its own callbacks
// too.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Exactly once, before anything else. Reading starts by itself once open.
  virtual void set_handler(ByteStreamHandler& handler) = 0;

  // Starts to connect; ends in on_open or on_closed, never inside this call. The caller keeps the
  // deadline: it closes. Streams that came from a Listener are open already: calling connect on
  // them is an error of ours.
  virtual void connect(const SocketAddress& address) = 0;

  // Hands over the chunks in order as one vectored write. True: all of it is with the kernel
  // already, and no on_written will come. False: on_written or on_closed follows later, never
  // inside this call, and the chunks' memory stays untouched until then. At most one write may be
  // outstanding. At most max_chunks() chunks, not all empty.
  [[nodiscard]] virtual bool write(std::span<const base::Bytes> chunks) = 0;
  static constexpr std::size_t max_chunks() { return 512; }

  // How many bytes the peer's system has confirmed so far, or at least this end's system has taken,
  // where nothing better is known. Never shrinks. While a write is outstanding, a number that stays
  // the same says that its bytes stand still. TLS: the bytes of the stream below.
  virtual std::uint64_t bytes_taken() const = 0;

  // While paused no read_space and on_read come. A peer's close may go unseen while paused.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // Stops all callbacks at once and gives the connection up. Idempotent.
  virtual void close() = 0;

  // Local address of an open stream as text ("ip:port"), empty when not known.
  virtual std::string local_address() const = 0;
};

// Accepts connections (used by the test broker). Destroying it stops listening.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual SocketAddress address() const = 0;  // with the port really bound
};

class ListenerHandler {
 public:
  // The stream is open; set_handler must be called before returning, and on_open is not called for
  // it.
  virtual void on_accept(std::unique_ptr<ByteStream> stream) = 0;

 protected:
  ~ListenerHandler() = default;
};

}  // namespace rmq::transport
