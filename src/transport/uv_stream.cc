#include "transport/uv_stream.h"

#ifdef __linux__
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "transport/sigpipe_guard.h"
#include "transport/standard_descriptors.h"
#include "transport/system_address.h"
#include "transport/uv_address.h"
#include "transport/uv_error.h"
#include "transport/uv_loop.h"

namespace rmq::transport {
namespace {

// What the kernel holds of the bytes that it took, because the peer's has not confirmed them. 0
// where the system does not tell: a write then moves when the kernel takes bytes.
std::size_t unconfirmed_bytes_of(const uv_tcp_t* handle) {
#ifdef SIOCOUTQ
  uv_os_fd_t descriptor = -1;
  int bytes = 0;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(handle), &descriptor) == 0 &&
      ::ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0) {
    return static_cast<std::size_t>(bytes);
  }
#else
  (void)handle;
#endif
  return 0;
}

// Other than what libuv calls, this raises no SIGPIPE, and so needs no guard around it. The bytes
// that the kernel has taken, or an error of libuv's kind.
ssize_t send_now(int descriptor, uv_buf_t* buffers, unsigned count) {
  static_assert(sizeof(uv_buf_t) == sizeof(iovec) && offsetof(uv_buf_t, base) == 0 &&
                offsetof(uv_buf_t, len) == offsetof(iovec, iov_len));
  msghdr message{};
  message.msg_iov = reinterpret_cast<iovec*>(buffers);
  message.msg_iovlen = count;
  for (;;) {
    const ssize_t written = ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
    if (written >= 0) return written;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    if (errno != EINTR) return uv_translate_sys_error(errno);
  }
}

}  // namespace

UvStream::UvStream(UvLoop& loop) : loop_(loop), failing_(loop.make_turn_end_task(*this)) {}

int UvStream::open_block() {
  auto block = std::make_unique<Block>();
  const StandardDescriptors guard;  // libuv may open one that it keeps in reserve
  const int code = uv_tcp_init(loop_.uv(), block->get());
  if (code != 0) return code;
  block->adopt(this);
  uv_tcp_nodelay(block->get(), 1);  // remembered until there is a socket
  block_ = std::move(block);
  return 0;
}

std::unique_ptr<UvStream> UvStream::accept(UvLoop& loop, uv_stream_t* listening, int* uv_code) {
  auto stream = std::make_unique<UvStream>(loop);
  *uv_code = stream->open_block();
  if (*uv_code == 0) *uv_code = uv_accept(listening, stream->block_->stream());
  if (*uv_code != 0) return nullptr;
  loop.socket_copies().add(stream->descriptor());
  stream->state_ = State::kOpen;
  stream->peer_ = peer_address_of(stream->block_->get());
  return stream;
}

void UvStream::set_handler(ByteStreamHandler& handler) {
  handler_ = &handler;
  if (state_ == State::kOpen) start_reading();
}

// --- Opening ------------------------------------------------------------------------------------

void UvStream::connect(const SocketAddress& address) {
  peer_ = address.to_text();
  if (state_ != State::kNew || handler_ == nullptr) {
    return fail_later(
        base::make_error(base::ErrorCode::INTERNAL, "connecting to " + peer_ + ": stream not new"));
  }
  state_ = State::kConnecting;
  if (loop_.is_lost()) return fail_later(lost_error());
  loop_.note_change();
  const StandardDescriptors guard;
  int code = open_block();
  if (code == 0) {
    const sockaddr_storage target = to_sockaddr(address);
    code = uv_tcp_connect(&block_->connect, block_->get(),
                          reinterpret_cast<const sockaddr*>(&target), on_connected);
    loop_.socket_copies().add(descriptor());
  }
  if (code == 0) code = loop_.prepare_to_watch(descriptor());
  if (code != 0) fail_later(map_uv_error(code, "connecting to " + peer_));
}

// Every callback of libuv comes through here: nothing is thrown through its frames, and a failed
// allocation costs this stream only.
template <typename Action>
void UvStream::enter(Block* block, Action action) {
  const auto owner = [block] { return static_cast<UvStream*>(block->owner); };
  if (owner() == nullptr) return;
  owner()->loop_.enter_callback([&] {
    try {
      action(*owner());
    } catch (const std::bad_alloc&) {
      if (owner() == nullptr) throw;
      owner()->fail(base::make_memory_error());
    }
  });
}

void UvStream::on_connected(uv_connect_t* request, int uv_code) {
  enter(Block::of(request->handle), [uv_code](UvStream& self) {
    if (self.state_ != State::kConnecting) return;
    if (uv_code != 0) return self.fail(map_uv_error(uv_code, "connecting to " + self.peer_));
    self.state_ = State::kOpen;
    Block* block = self.block_.get();
    self.handler_->on_open();
    if (block->owner != nullptr) self.start_reading();
  });
}

// --- Reading ------------------------------------------------------------------------------------

void UvStream::start_reading() {
  if (state_ != State::kOpen || paused_ || handler_ == nullptr) return;
  loop_.note_change();
  int code = loop_.prepare_to_watch(descriptor());
  if (code == 0) code = uv_read_start(block_->stream(), on_allocate, on_bytes);
  if (code != 0 && code != UV_EALREADY) fail_later(describe(code, "reading"));
}

void UvStream::pause_reading() {
  paused_ = true;
  if (state_ == State::kOpen) uv_read_stop(block_->stream());
}

void UvStream::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  start_reading();
}

void UvStream::on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  // Stays so when the handler closes or memory is exhausted: on_bytes is then told ENOBUFS. The
  // stream must not be closed in here, because libuv calls on_bytes whatever became of it.
  *buffer = uv_buf_init(nullptr, 0);
  auto* self = static_cast<UvStream*>(Block::of(handle)->owner);
  if (self == nullptr || self->state_ != State::kOpen) return;
  self->loop_.enter_callback([self, buffer] {
    const base::MutableBytes space = self->handler_->read_space();
    const std::size_t limit = std::min<std::size_t>(space.size(), 1U << 30);
    *buffer = uv_buf_init(reinterpret_cast<char*>(space.data()), static_cast<unsigned>(limit));
  });
}

void UvStream::on_bytes(uv_stream_t* handle, ssize_t size, const uv_buf_t*) {
  enter(Block::of(handle), [size](UvStream& self) {
    if (self.state_ != State::kOpen || size == 0) return;
    if (size > 0) return self.handler_->on_read(static_cast<std::size_t>(size));
    self.fail(self.describe(static_cast<int>(size), "reading"));
  });
}

// --- Writing ------------------------------------------------------------------------------------

bool UvStream::write(std::span<const base::Bytes> chunks) {
  // A stream that has ended takes everything: its end was reported, nothing may follow.
  if (state_ == State::kClosed) return true;
  if (state_ == State::kFailing) return false;
  if (state_ != State::kOpen || write_outstanding_ || chunks.size() > max_chunks()) {
    fail_later(base::make_error(base::ErrorCode::INTERNAL,
                                "writing to " + peer_ + ": stream not ready for a write"));
    return false;
  }
  std::array<uv_buf_t, max_chunks()> buffers;  // NOLINT: filled as far as used
  unsigned count = 0;
  for (const base::Bytes& chunk : chunks) {
    if (chunk.empty()) continue;
    auto* data = const_cast<std::uint8_t*>(chunk.data());  // libuv reads only
    buffers[count++] =
        uv_buf_init(reinterpret_cast<char*>(data), static_cast<unsigned>(chunk.size()));
  }
  if (count == 0) return true;
  for (unsigned i = 0; i < count; ++i) bytes_handed_over_ += buffers[i].len;

  const ssize_t written = send_now(descriptor(), buffers.data(), count);
  if (written < 0) {
    fail_later(describe(static_cast<int>(written), "writing"));
    return false;
  }
  unsigned first = 0;
  auto left = static_cast<std::size_t>(written);
  while (first < count && left >= buffers[first].len) left -= buffers[first++].len;
  if (first == count) return true;
  buffers[first].base += left;
  buffers[first].len -= left;
  loop_.note_change();
  int code = loop_.prepare_to_watch(descriptor());
  if (code == 0) {
    set_write_outstanding(true);
    const UvLoop::WriteScope scope(loop_);
    code =
        uv_write(&block_->write, block_->stream(), &buffers[first], count - first, on_write_done);
  }
  if (code != 0) {
    set_write_outstanding(false);
    fail_later(describe(code, "writing"));
  }
  return false;
}

void UvStream::set_write_outstanding(bool is_outstanding) {
  if (write_outstanding_ == is_outstanding) return;
  write_outstanding_ = is_outstanding;
  loop_.count_held_write(is_outstanding ? 1 : -1);
}

void UvStream::on_write_done(uv_write_t* request, int uv_code) {
  enter(Block::of(request->handle), [uv_code](UvStream& self) {
    self.set_write_outstanding(false);
    if (self.state_ != State::kOpen) return;
    if (uv_code != 0) return self.fail(self.describe(uv_code, "writing"));
    self.handler_->on_written();
  });
}

std::uint64_t UvStream::bytes_taken() const {
  if (!block_) return bytes_handed_over_;
  return bytes_handed_over_ - uv_stream_get_write_queue_size(block_->stream()) -
         unconfirmed_bytes_of(block_->get());
}

// --- The end ------------------------------------------------------------------------------------

base::Error UvStream::describe(int uv_code, const char* doing) const {
  base::Error error = map_uv_error(uv_code, "connection with " + peer_ + ", " + doing);
  if (uv_code == UV_ETIMEDOUT) error.code = base::ErrorCode::RESET;  // it was open already
  return error;
}

void UvStream::fail_later(base::Error error) {
  if (state_ == State::kFailing || state_ == State::kClosed) return;
  state_ = State::kFailing;
  error_ = std::move(error);
  if (block_) uv_read_stop(block_->stream());
  failing_->schedule();
}

void UvStream::on_turn_end() {
  if (state_ == State::kFailing) fail(std::move(error_));
}

void UvStream::fail(base::Error error) {
  error.address = std::move(peer_);
  ByteStreamHandler* handler = handler_;
  close();
  if (handler != nullptr) handler->on_closed(std::move(error));
}

void UvStream::close() {
  state_ = State::kClosed;
  set_write_outstanding(false);
  if (!block_) return;
  loop_.note_change();
  const int socket = descriptor();
  loop_.socket_copies().remove(socket);
  close_block(std::move(block_));
  // libuv leaves these open: it takes them for the streams of a terminal.
  if (StandardDescriptors::is_one(socket) && !loop_.is_lost()) ::close(socket);
}

int UvStream::descriptor() const {
  uv_os_fd_t descriptor = -1;
  return uv_fileno(block_->base(), &descriptor) == 0 ? descriptor : -1;
}

void UvStream::on_loop_closing() { close(); }

void UvStream::on_turn_without_kernel() {
  loop_.enter_callback([this] { fail_later(lost_error()); });
}

base::Error UvStream::lost_error() const {
  return base::make_error(base::ErrorCode::DESCRIPTORS,
                          "connection with " + peer_ +
                              ": the descriptors of the event loop were "
                              "closed by the program",
                          "make a new runtime after closing descriptors that are not your own");
}

std::string UvStream::local_address() const {
  return state_ == State::kOpen ? local_address_of(block_->get()).to_text() : std::string();
}

}  // namespace rmq::transport
