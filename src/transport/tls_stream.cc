#include "transport/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

#include "transport/tls_error.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;

constexpr std::size_t kRecordBytes = 16 * 1024;  // of plain text, by the protocol
constexpr std::size_t kWireInBytes = 32 * 1024;
constexpr std::size_t kPieceBytes = 4 * kRecordBytes;  // encrypted before the next write below
// A peer may make us answer (key updates) without reading our answers; up to here.
constexpr std::size_t kWireOutBytesMax = 1024 * 1024;

}  // namespace

void TlsStream::FreeSsl::operator()(ssl_st* connection) const { SSL_free(connection); }

TlsStream::TlsStream(Loop& loop, std::unique_ptr<ByteStream> below,
                     std::shared_ptr<const TlsContext> context, std::string host)
    : context_(std::move(context)),
      host_(std::move(host)),
      below_(std::move(below)),
      later_(loop.make_turn_end_task(*this)),
      tls_(context_->make_connection(host_)) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (tls_ && in && out) {
    BIO_set_mem_eof_return(in, -1);  // empty means "more to come"
    SSL_set_bio(tls_.get(), in, out);
  } else {
    BIO_free(in);
    BIO_free(out);
    tls_.reset();
  }
  below_->set_handler(*this);
  if (!tls_) {
    fail_later(base::make_error(ErrorCode::TLS, "TLS with \"" + host_.substr(0, 64) +
                                                    "\": no connection can be made for this name"));
  } else if (context_->is_server()) {
    SSL_set_accept_state(tls_.get());
    state_ = State::kHandshaking;
  } else {
    SSL_set_connect_state(tls_.get());
  }
}

TlsStream::~TlsStream() { close(); }

void TlsStream::connect(const SocketAddress& address) {
  address_ = address.to_text();
  if (state_ == State::kFailing) return;
  if (state_ != State::kNew) {
    return fail_later(
        base::make_error(ErrorCode::INTERNAL, "connecting to " + address_ + ": stream not new"));
  }
  state_ = State::kHandshaking;
  below_->connect(address);
}

// --- From the stream below ----------------------------------------------------------------------

void TlsStream::on_open() { shake_hands(); }

base::MutableBytes TlsStream::read_space() {
  if (wire_in_.empty()) wire_in_.resize(kWireInBytes);
  return wire_in_;
}

void TlsStream::on_read(std::size_t size) {
  const int taken = BIO_write(SSL_get_rbio(tls_.get()), wire_in_.data(), static_cast<int>(size));
  if (taken != static_cast<int>(size)) return fail(base::make_memory_error());
  go_on();
}

void TlsStream::on_written() {
  below_writing_ = false;
  go_on_writing();
}

// Without a close_notify the bytes may have been cut short, but the frames above know their
// lengths. For them it is the end of a connection like any other.
void TlsStream::on_closed(base::Error error) {
  if (state_ == State::kHandshaking && SSL_get_state(tls_.get()) != TLS_ST_BEFORE) {
    error.message = "TLS handshake with " + host_ + ": " + error.message;
  }
  fail(std::move(error));
}

// Nobody below sees what is thrown from here.
void TlsStream::on_turn_end() {
  if (state_ == State::kFailing) return fail(std::move(error_));
  if (state_ != State::kOpen) return;
  const std::weak_ptr<int> life = life_;
  try {
    go_on();
  } catch (const std::bad_alloc&) {
    if (life.expired() || state_ == State::kClosed) throw;
    fail(base::make_memory_error());
  }
}

// --- Handshake and reading ----------------------------------------------------------------------

void TlsStream::go_on() {
  if (state_ == State::kHandshaking) return shake_hands();
  if (state_ == State::kOpen) read_plain();
}

void TlsStream::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_.get());
  if (result != 1) {
    const int why = SSL_get_error(tls_.get(), result);
    if (why == SSL_ERROR_WANT_READ) return flush();
    return fail(describe("TLS handshake with "));
  }
  state_ = State::kOpen;
  if (paused_) below_->pause_reading();
  flush();
  const std::weak_ptr<int> life = life_;
  handler_->on_open();
  if (!life.expired()) read_plain();
}

void TlsStream::read_plain() {
  const std::weak_ptr<int> life = life_;
  while (state_ == State::kOpen && !paused_) {
    const base::MutableBytes space = handler_->read_space();
    if (life.expired() || state_ != State::kOpen || space.empty()) return;
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(tls_.get(), space.data(), space.size(), &size);
    if (result == 1) {
      handler_->on_read(size);
      if (life.expired()) return;
      continue;
    }
    const int why = SSL_get_error(tls_.get(), result);
    if (why == SSL_ERROR_WANT_READ) break;
    if (why == SSL_ERROR_ZERO_RETURN) {
      return fail(base::make_error(ErrorCode::RESET,
                                   "TLS connection with " + host_ + ": closed by the peer"));
    }
    return fail(describe("TLS connection with "));
  }
  if (state_ == State::kOpen) go_on_writing();
}

void TlsStream::pause_reading() {
  paused_ = true;
  if (state_ == State::kOpen) below_->pause_reading();
}

void TlsStream::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  if (state_ != State::kOpen) return;
  below_->resume_reading();
  later_->schedule();  // for what is here already
}

// --- Writing ------------------------------------------------------------------------------------

bool TlsStream::write(std::span<const base::Bytes> chunks) {
  if (state_ == State::kClosed) return true;
  if (state_ == State::kFailing) return false;
  if (state_ != State::kOpen || write_outstanding_ || chunks.size() > max_chunks()) {
    fail_later(base::make_error(ErrorCode::INTERNAL,
                                "writing to " + host_ + ": stream not ready for a write"));
    return false;
  }
  for (const base::Bytes& chunk : chunks) {
    if (!chunk.empty()) plain_.push_back(chunk);
  }
  hand_down();
  write_outstanding_ = state_ == State::kFailing || !write_is_done();
  return !write_outstanding_;
}

bool TlsStream::write_is_done() const { return plain_.empty() && !below_writing_; }

void TlsStream::go_on_writing() {
  hand_down();
  if (!write_outstanding_ || !write_is_done() || state_ != State::kOpen) return;
  write_outstanding_ = false;
  handler_->on_written();
}

// Encrypts and hands down, piece by piece, for as long as the stream below takes it at once.
void TlsStream::hand_down() {
  flush();
  while (!plain_.empty() && !below_writing_ && state_ == State::kOpen) {
    std::size_t before = kPieceBytes;
    while (!plain_.empty() && before > 0) {
      const int size = encrypt_piece();
      if (size <= 0) return;
      before -= std::min(before, static_cast<std::size_t>(size));
    }
    flush();
  }
}

// One record of what comes next, small chunks gathered. Returns its plain size.
int TlsStream::encrypt_piece() {
  std::uint8_t gathered[kRecordBytes];
  base::Bytes record = plain_.front();
  if (record.size() < kRecordBytes && plain_.size() > 1) {
    std::size_t size = 0;
    for (const base::Bytes& chunk : plain_) {
      const std::size_t part = std::min(chunk.size(), kRecordBytes - size);
      std::memcpy(gathered + size, chunk.data(), part);
      size += part;
      if (size == kRecordBytes) break;
    }
    record = {gathered, size};
  }
  record = record.first(std::min(record.size(), kRecordBytes));

  ERR_clear_error();
  const int written = SSL_write(tls_.get(), record.data(), static_cast<int>(record.size()));
  if (written <= 0) {
    const int why = SSL_get_error(tls_.get(), written);
    if (why != SSL_ERROR_WANT_READ) fail_later(describe("TLS connection with "));
    return 0;
  }
  auto left = static_cast<std::size_t>(written);
  auto chunk = plain_.begin();
  while (chunk != plain_.end() && left >= chunk->size()) left -= (chunk++)->size();
  plain_.erase(plain_.begin(), chunk);
  if (left > 0) plain_.front() = plain_.front().subspan(left);
  return written;
}

void TlsStream::flush() {
  BIO* out = SSL_get_wbio(tls_.get());
  const std::size_t size = BIO_ctrl_pending(out);
  if (below_writing_) {
    if (size > kWireOutBytesMax) {
      fail_later(base::make_error(
          ErrorCode::TLS, "TLS connection with " + host_ + ": the peer asks and does not read"));
    }
    return;
  }
  if (size == 0) return;
  wire_out_.resize(size);
  std::size_t taken = 0;
  BIO_read_ex(out, wire_out_.data(), size, &taken);
  const base::Bytes chunk{wire_out_.data(), taken};
  below_writing_ = !below_->write({&chunk, 1});
}

// --- The end ------------------------------------------------------------------------------------

base::Error TlsStream::describe(const char* doing) {
  return describe_tls_failure(tls_.get(), doing + host_);
}

void TlsStream::fail_later(base::Error error) {
  if (state_ == State::kFailing || state_ == State::kClosed) return;
  state_ = State::kFailing;
  error_ = std::move(error);
  later_->schedule();
}

void TlsStream::fail(base::Error error) {
  error.address = std::move(address_);
  ByteStreamHandler* handler = handler_;
  close();
  if (handler != nullptr) handler->on_closed(std::move(error));
}

void TlsStream::close() {
  const State before = std::exchange(state_, State::kClosed);
  if (before == State::kClosed) return;
  plain_.clear();
  write_outstanding_ = false;
  if (tls_ && before != State::kNew) {
    // The last words: a close_notify, or the alert of what failed.
    if (before == State::kOpen) SSL_shutdown(tls_.get());
    ERR_clear_error();
    try {
      flush();
    } catch (const std::bad_alloc&) {
      // The peer hears no last words; the connection ends all the same.
    }
  }
  below_->close();
}

std::string TlsStream::protocol_version() const { return SSL_get_version(tls_.get()); }

}  // namespace rmq::transport
