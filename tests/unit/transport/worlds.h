// The worlds in which the promises of transport/loop.h are tested: simulated, libuv driven step by
// step, and libuv running by itself. Each has a server's and a client's loop (one and the same on
// libuv) and runs until something holds.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "tests/unit/transport/recording_stream.h"
#include "transport/memory_loop.h"
#include "transport/system_address.h"
#include "transport/uv_loop.h"

namespace rmq::transport {

class MemoryWorld {
 public:
  Loop& server() { return server_; }
  Loop& client() { return client_; }
  SocketAddress any_port() const { return server_.host(); }
  bool run_until(const std::function<bool()>& done) {
    return network_.run_until(done, std::chrono::minutes(1));
  }
  // Until nothing more happens by itself.
  void settle() { network_.advance(std::chrono::milliseconds(100)); }
  // Connections to it neither open nor fail.
  SocketAddress silent_address() {
    SocketAddress address = server_.host();
    address.port = 7;
    network_.behaviour(address).connect = ConnectBehaviour::kNever;
    return address;
  }

 private:
  MemoryNetwork network_{20240607};
  MemoryLoop server_{network_, "10.0.0.1"};
  MemoryLoop client_{network_, "10.0.0.2"};
};

// A listening socket whose queue of connections is full: Linux drops what else comes.
class FullListener {
 public:
  FullListener() {
    SocketAddress loopback;
    SocketAddress::parse_literal("127.0.0.1", 0, &loopback);
    storage_ = to_sockaddr(loopback);
    int fd = open();
    bind(fd, reinterpret_cast<sockaddr*>(&storage_), sizeof(sockaddr_in));
    listen(fd, 0);
    socklen_t size = sizeof storage_;
    getsockname(fd, reinterpret_cast<sockaddr*>(&storage_), &size);
    for (int i = 0; i < 4; ++i) {
      fd = open();
      (void)connect(fd, reinterpret_cast<sockaddr*>(&storage_), sizeof(sockaddr_in));
    }
  }
  ~FullListener() {
    for (const int fd : fds_) ::close(fd);
  }
  SocketAddress address() const {
    SocketAddress address;
    from_sockaddr(reinterpret_cast<const sockaddr*>(&storage_), &address);
    return address;
  }

 private:
  int open() {
    fds_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return fds_.back();
  }
  std::vector<int> fds_;
  sockaddr_storage storage_{};
};

class UvWorld {
 public:
  explicit UvWorld(bool driven) {
    UvLoopOptions options;
    options.driven = driven;
    loop_ = UvLoop::make(std::move(options)).take_value();
  }
  Loop& server() { return *loop_; }
  Loop& client() { return *loop_; }
  SocketAddress any_port() const {
    SocketAddress address;
    SocketAddress::parse_literal("127.0.0.1", 0, &address);
    return address;
  }
  SocketAddress silent_address() {
    if (!silent_) silent_ = std::make_unique<FullListener>();
    return silent_->address();
  }

 protected:
  static constexpr std::chrono::seconds kGuard{30};  // against hanging only
  std::unique_ptr<FullListener> silent_;
  std::unique_ptr<UvLoop> loop_;
};

class DrivenUvWorld : public UvWorld {
 public:
  DrivenUvWorld() : UvWorld(true) {}
  // As a host does it: wait for the descriptor or the timeout, then step.
  bool run_until(const std::function<bool()>& done) {
    const base::Instant limit = loop_->now() + kGuard;
    while (!done()) {
      if (loop_->now() > limit) return false;
      pollfd watched{loop_->backend_fd(), POLLIN, 0};
      const int wait_ms = loop_->timeout_ms();
      poll(&watched, 1, wait_ms < 0 ? 1000 : std::min(wait_ms, 1000));
      loop_->step();
    }
    return true;
  }
  void settle() {
    for (int i = 0; i < 4; ++i) loop_->step();
  }
};

class RunningUvWorld : public UvWorld {
 public:
  RunningUvWorld() : UvWorld(false) {}
  bool run_until(const std::function<bool()>& done) {
    const base::Instant limit = loop_->now() + kGuard;
    CountingTimer check;
    const auto timer = loop_->make_timer(check);
    check.when_fired = [&] {
      if (done() || loop_->now() > limit) return loop_->stop();
      timer->arm(loop_->now() + std::chrono::milliseconds(1));
    };
    timer->arm(loop_->now());
    loop_->run();
    return done();
  }
  void settle() {
    int turns = 0;
    run_until([&] { return ++turns > 4; });
  }
};

template <typename World>
class EveryLoop : public testing::Test {
 protected:
  // A listener on a free port.
  void listen() {
    auto result = world.server().listen(world.any_port(), server);
    ASSERT_TRUE(result.ok()) << result.error().message;
    listener = result.take_value();
  }
  std::unique_ptr<RecordingStream> make_client() {
    return std::make_unique<RecordingStream>(world.client().make_stream());
  }
  // A client and, in server.accepted, its peer, both open.
  void connect() {
    if (!listener) listen();
    const std::size_t before = server.accepted.size();
    client = make_client();
    client->stream->connect(listener->address());
    ASSERT_TRUE(world.run_until(
        [&] { return client->opened == 1 && server.accepted.size() == before + 1; }));
  }
  RecordingStream& peer() { return *server.accepted.back(); }

  World world;
  RecordingListener server;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<RecordingStream> client;
};

using Worlds = testing::Types<MemoryWorld, DrivenUvWorld, RunningUvWorld>;

}  // namespace rmq::transport
