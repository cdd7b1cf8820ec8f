#include "tests/support/proxy_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <stdexcept>

namespace rmq::test {
namespace {

constexpr std::size_t kReadBytes = 65536;
constexpr int kBacklog = 128;
// The kernel answers for a server, even for a frozen one, at once but for a very busy machine.
constexpr timeval kConnectLimit{3, 0};
constexpr std::uint16_t kPortMin = 12000;
constexpr std::uint16_t kPortMax = 31000;
constexpr int kPortTries = 1000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

ProxySocket make_socket() { return ProxySocket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

void make_quick(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

ProxySocket::Result result_of(ssize_t count) {
  if (count > 0) return ProxySocket::Result::progress;
  if (count == 0) return ProxySocket::Result::ended;
  const bool is_early = errno == EAGAIN || errno == EINTR;
  return is_early ? ProxySocket::Result::would_block : ProxySocket::Result::failed;
}

}  // namespace

void ProxySocket::close() {
  if (is_open()) ::close(descriptor_);
  descriptor_ = -1;
}

void ProxySocket::reset() {
  const linger at_once{1, 0};
  if (is_open()) ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

ProxySocket::Result ProxySocket::read(std::string* bytes) {
  char chunk[kReadBytes];
  const ssize_t count = ::recv(descriptor_, chunk, sizeof chunk, 0);
  if (count > 0) bytes->append(chunk, static_cast<std::size_t>(count));
  return result_of(count);
}

ProxySocket::Result ProxySocket::write(std::string* bytes) {
  const ssize_t count = ::send(descriptor_, bytes->data(), bytes->size(), MSG_NOSIGNAL);
  if (count > 0) bytes->erase(0, static_cast<std::size_t>(count));
  return result_of(count);
}

ProxySocket connect_to(std::uint16_t port) {
  ProxySocket socket = make_socket();
  const sockaddr_in address = loopback(port);
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &kConnectLimit, sizeof kConnectLimit);
  if (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    socket.close();
    return socket;
  }
  make_quick(socket.descriptor());
  return socket;
}

ProxySocket listen_on(std::uint16_t port) {
  ProxySocket socket = make_socket();
  const int on = 1;
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
          0 ||
      ::listen(socket.descriptor(), kBacklog) != 0) {
    socket.close();
    return socket;
  }
  make_quick(socket.descriptor());
  return socket;
}

ProxySocket listen_anywhere(std::uint16_t* port) {
  std::random_device random;  // only picks a free port; nothing that a test expects depends on it
  for (int i = 0; i < kPortTries; ++i) {
    *port = static_cast<std::uint16_t>(kPortMin + random() % (kPortMax - kPortMin));
    ProxySocket socket = listen_on(*port);
    if (socket.is_open()) return socket;
  }
  throw std::runtime_error("the proxy found no free port");
}

ProxySocket accept_from(const ProxySocket& listener) {
  ProxySocket socket(::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.is_open()) make_quick(socket.descriptor());
  return socket;
}

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

std::string address_of(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace rmq::test
