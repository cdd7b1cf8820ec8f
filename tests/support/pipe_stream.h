// A stream whose other end is the test itself.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "remoting/connection_options.h"
#include "transport/byte_stream.h"

namespace rmq::testing {

class PipeStreams;

class PipeStream final : public transport::ByteStream {
 public:
  explicit PipeStream(PipeStreams& owner) : owner_(owner) {}
  ~PipeStream() override;
  void set_handler(transport::ByteStreamHandler& handler) override { handler_ = &handler; }
  void connect(const transport::SocketAddress&) override {}
  bool write(std::span<const base::Bytes> chunks) override;
  std::uint64_t bytes_taken() const override { return 0; }
  void pause_reading() override {}
  void resume_reading() override {}
  void close() override { handler_ = nullptr; }
  std::string local_address() const override { return {}; }

 private:
  friend class PipeStreams;
  PipeStreams& owner_;
  transport::ByteStreamHandler* handler_ = nullptr;  // null: closed
  bool is_open_ = false;
};

// Makes the streams and is their other end; at most one lives at a time.
class PipeStreams final : public remoting::StreamFactory {
 public:
  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort&) override {
    auto made = std::make_unique<PipeStream>(*this);
    stream_ = made.get();
    is_writing_ = false;
    return std::unique_ptr<transport::ByteStream>(std::move(made));
  }

  bool is_connecting() const { return has_handler() && !stream_->is_open_; }
  bool is_open() const { return has_handler() && stream_->is_open_; }
  void open() {
    stream_->is_open_ = true;
    stream_->handler_->on_open();
  }
  void fail(base::Error error) {
    transport::ByteStreamHandler* handler = std::exchange(stream_->handler_, nullptr);
    handler->on_closed(std::move(error));
  }
  // Feeds the bytes in reads of at most `most`; stops when the stream is closed.
  void feed(std::string_view bytes, std::size_t most) {
    while (is_open() && !bytes.empty()) {
      const base::MutableBytes space = stream_->handler_->read_space();
      const std::size_t size = std::min({bytes.size(), most, space.size()});
      std::memcpy(space.data(), bytes.data(), size);
      bytes.remove_prefix(size);
      stream_->handler_->on_read(size);
    }
  }
  // Ends a write that is_stalled held up.
  void finish_write() {
    if (!is_open() || !is_writing_) return;
    is_writing_ = false;
    stream_->handler_->on_written();
  }

  bool is_stalled = false;  // writes wait for finish_write
  std::string written;      // everything the client wrote

 private:
  friend class PipeStream;
  bool has_handler() const { return stream_ != nullptr && stream_->handler_ != nullptr; }

  PipeStream* stream_ = nullptr;
  bool is_writing_ = false;
};

inline PipeStream::~PipeStream() {
  if (owner_.stream_ == this) owner_.stream_ = nullptr;
}

inline bool PipeStream::write(std::span<const base::Bytes> chunks) {
  for (const base::Bytes chunk : chunks) owner_.written += base::as_text(chunk);
  owner_.is_writing_ = owner_.is_stalled;
  return !owner_.is_stalled;
}

}  // namespace rmq::testing
