// A TCP proxy on loopback that damages one byte of what a server says on its first connection.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace rmq::test::abi {

class DamagingProxy {
 public:
  // Byte `place` of what the server says after `damage()` was called becomes 0x55.
  DamagingProxy(const std::string& server, std::size_t place)
      : server_port_(static_cast<std::uint16_t>(std::atoi(&server[server.rfind(':') + 1]))),
        place_(place),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, raw, size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, raw, &size), 0);
    EXPECT_EQ(::pipe(stop_), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { run(); });
  }
  ~DamagingProxy() {
    ::close(stop_[1]);
    thread_.join();
    ::close(stop_[0]);
    ::close(listener_);
    for (const Pair& pair : pairs_) close(pair);
  }
  const std::string& address() const { return address_; }
  void damage() { is_damaging_ = true; }
  int connections() const { return connections_; }

 private:
  struct Pair {
    int client;
    int server;
    bool is_first;
  };

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  static void close(const Pair& pair) {
    ::close(pair.client);
    ::close(pair.server);
  }
  void accept() {
    Pair pair{::accept(listener_, nullptr, nullptr),
              ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), connections_++ == 0};
    sockaddr_in address = loopback(server_port_);
    EXPECT_EQ(::connect(pair.server, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    pairs_.push_back(pair);
  }
  // False: one of the two has closed.
  bool carry(int from, int to, bool may_damage) {
    char bytes[65536];
    const ssize_t size = ::recv(from, bytes, sizeof bytes, 0);
    if (size <= 0) return false;
    if (may_damage && is_damaging_) {
      const std::size_t begin = damaging_;
      damaging_ += static_cast<std::size_t>(size);
      if (begin <= place_ && place_ < damaging_) bytes[place_ - begin] = 0x55;
    }
    return ::send(to, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
  }
  void run() {
    for (;;) {
      std::vector<pollfd> watched{{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        watched.push_back({pair.client, POLLIN, 0});
        watched.push_back({pair.server, POLLIN, 0});
      }
      ::poll(watched.data(), watched.size(), -1);
      if (watched[0].revents) return;
      std::vector<Pair> kept;
      for (std::size_t i = 0; i < pairs_.size(); ++i) {
        const Pair pair = pairs_[i];
        const bool lives =
            (!watched[2 + 2 * i].revents || carry(pair.client, pair.server, false)) &&
            (!watched[3 + 2 * i].revents || carry(pair.server, pair.client, pair.is_first));
        if (lives) {
          kept.push_back(pair);
        } else {
          close(pair);
        }
      }
      pairs_ = std::move(kept);
      if (watched[1].revents) accept();
    }
  }

  const std::uint16_t server_port_;
  const std::size_t place_;
  const int listener_;
  int stop_[2];
  std::string address_;
  std::atomic<bool> is_damaging_{false};
  std::atomic<int> connections_{0};
  std::size_t damaging_ = 0;  // bytes that the server has said since damage()
  std::vector<Pair> pairs_;   // of the thread
  std::thread thread_;
};

}  // namespace rmq::test::abi
