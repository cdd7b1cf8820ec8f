#include "transport/uv_listener.h"

#include <sys/socket.h>

#include <cerrno>

#include "transport/standard_descriptors.h"
#include "transport/system_address.h"
#include "transport/uv_address.h"
#include "transport/uv_error.h"
#include "transport/uv_loop.h"
#include "transport/uv_stream.h"

namespace rmq::transport {
namespace {

constexpr int kBacklog = 511;
constexpr std::chrono::milliseconds kRetryAfter{100};

}  // namespace

UvListener::UvListener(UvLoop& loop, ListenerHandler& handler)
    : loop_(loop), handler_(handler), retry_(loop.make_timer(*this)) {}

base::Result<std::unique_ptr<Listener>> UvListener::listen(UvLoop& loop,
                                                           const SocketAddress& address,
                                                           ListenerHandler& handler) {
  std::unique_ptr<UvListener> made(new UvListener(loop, handler));
  const int code = made->start(address);
  if (code != 0) return map_uv_error(code, "listening on " + address.to_text());
  return std::unique_ptr<Listener>(std::move(made));
}

int UvListener::start(const SocketAddress& address) {
  int descriptor = -1;
  int code = open_socket(address, &descriptor);
  if (code == 0) loop_.socket_copies().add(descriptor);
  // Before it listens this is refused as an invalid call, unless it is refused for good. libuv
  // would ask again and again.
  if (code == 0 && ::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC) < 0 && errno != EINVAL) {
    code = uv_translate_sys_error(errno);
  }
  if (code == 0) code = loop_.prepare_to_watch(descriptor);
  if (code == 0) {
    code = uv_listen(reinterpret_cast<uv_stream_t*>(block_->get()), kBacklog, on_connection);
  }
  if (code == 0) {
    const SocketAddress bound = local_address_of(block_->get());
    address_ = bound.port != 0 ? bound : address;
    if (address_.port == 0) code = UV_ENOTSUP;  // nobody can be told where it listens
  }
  loop_.note_change();
  return code;
}

int UvListener::open_socket(const SocketAddress& address, int* descriptor) {
  const StandardDescriptors guard;
  auto block = std::make_unique<UvHandleBlock<uv_tcp_t>>();
  int code = uv_tcp_init(loop_.uv(), block->get());
  if (code != 0) return code;
  block->adopt(this);
  block_ = std::move(block);
  const sockaddr_storage storage = to_sockaddr(address);
  code = uv_tcp_bind(block_->get(), reinterpret_cast<const sockaddr*>(&storage), 0);
  if (code == 0) code = uv_fileno(block_->base(), descriptor);
  return code;
}

UvListener::~UvListener() { close(); }

void UvListener::close() {
  loop_.note_change();
  uv_os_fd_t descriptor = -1;
  if (block_ && uv_fileno(block_->base(), &descriptor) == 0) {
    loop_.socket_copies().remove(descriptor);
  }
  close_block(std::move(block_));
}

void UvListener::on_connection(uv_stream_t* handle, int uv_code) {
  auto* self = static_cast<UvListener*>(block_of(reinterpret_cast<uv_handle_t*>(handle))->owner);
  if (self == nullptr) return;
  self->loop_.enter_callback([self, uv_code] { uv_code == 0 ? self->accept_one() : self->rest(); });
}

// Accepting fails, at the limit on descriptors for one. libuv would try again at once and for ever;
// it stops when the socket is closed.
void UvListener::rest() {
  close();
  retry_->arm(loop_.now() + kRetryAfter);
}

void UvListener::on_timer() {
  if (block_) {
    accept_one();
  } else if (start(address_) != 0) {
    rest();
  }
}

// libuv stops listening until the connection that it holds is taken, so one that cannot be taken
// now is asked for again.
void UvListener::accept_one() {
  if (!block_) return;
  retry_->arm(loop_.now() + kRetryAfter);
  int code = 0;
  auto stream = UvStream::accept(loop_, reinterpret_cast<uv_stream_t*>(block_->get()), &code);
  if (code == 0 || code == UV_EAGAIN) retry_->disarm();
  if (stream) handler_.on_accept(std::move(stream));
}

}  // namespace rmq::transport
