// Sockets of the proxy: all non-blocking, on 127.0.0.1. A socket closes with its object.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace rmq::test {

class ProxySocket {
 public:
  ProxySocket() = default;
  explicit ProxySocket(int descriptor) : descriptor_(descriptor) {}
  ProxySocket(ProxySocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ProxySocket& operator=(ProxySocket&& other) noexcept {
    if (this != &other) {
      close();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ProxySocket(const ProxySocket&) = delete;
  ProxySocket& operator=(const ProxySocket&) = delete;
  ~ProxySocket() { close(); }

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }  // -1 when closed; poll() skips that
  void close();
  void reset();  // closes so that the peer reads "connection reset"

  enum class Result : std::uint8_t { progress, would_block, ended, failed };
  // Appends what has come, up to 64 KiB.
  Result read(std::string* bytes);
  // Takes what was written off the front of *bytes.
  Result write(std::string* bytes);

 private:
  int descriptor_ = -1;
};

// Not open when nothing listens there.
ProxySocket connect_to(std::uint16_t port);
// Not open when the port is taken.
ProxySocket listen_on(std::uint16_t port);
// A listener on a free port below the range that the system gives to outgoing connections, so that
// the port is still free after the listener was closed for a while. Throws std::runtime_error.
ProxySocket listen_anywhere(std::uint16_t* port);
ProxySocket accept_from(const ProxySocket& listener);

std::uint16_t port_of(const std::string& address);
std::string address_of(std::uint16_t port);

}  // namespace rmq::test
