// A runtime in a simulated world: a ClientCore on a MemoryLoop, with the hand-turned clock. Whoever
// drives the network is the calling thread and the loop thread at once.
//
//   transport::MemoryNetwork network(seed);
//   auto host = std::make_shared<test::SimulatedHost>(network, "10.0.9.1", "10.0.0.1:9876");
//   auto producer = std::make_shared<producer::Producer>(host, options, queue);
//   … host->close();
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "client/host.h"
#include "transport/memory_loop.h"
#include "transport/memory_network.h"
#include "transport/tls_stream.h"

namespace rmq::test {

class SimulatedHost final : public client::Host, private remoting::StreamFactory {
 public:
  // `name_servers`: "host:port;host:port". `tls`: null for plain streams.
  SimulatedHost(transport::MemoryNetwork& network, const std::string& address,
                std::string_view name_servers, client::CoreOptions options = {},
                std::shared_ptr<const transport::TlsContext> tls = nullptr)
      : network_(network),
        loop_(network, address),
        tls_(std::move(tls)),
        client_id_(address + "@simulated"),
        logger_(event::LogLevel::warn, client_id_),
        core_(loop_, *this, complete(std::move(options), client_id_, name_servers), logger_) {}

  // What the runtime does at its end: every member is closed, and each operation gets its event.
  // Again: an earlier limit counts.
  void begin_close(base::Duration timeout) {
    if (is_closed_) return;
    core_.begin_close(network_.now() + timeout, [this] { is_closed_ = true; });
  }
  // The same, and turns the clock until it is done. False: it is not, after a minute.
  bool close(base::Duration timeout = {}) {
    begin_close(timeout);
    return network_.run_until([this] { return is_closed_; }, timeout + std::chrono::seconds(60));
  }
  bool is_closed() const { return is_closed_; }

  transport::MemoryLoop& loop() { return loop_; }
  // What happens between two steps of a call, each of which asks for the core.
  std::function<void()> between_steps;
  client::ClientCore& core() override {
    if (auto meanwhile = std::exchange(between_steps, nullptr)) {
      meanwhile();
      if (!between_steps) between_steps = std::move(meanwhile);
    }
    return core_;
  }
  // Other threads see the clock as the driving one last did.
  base::Instant now() const override {
    if (std::this_thread::get_id() == owner_) last_now_ = network_.now();
    return last_now_;
  }
  std::int64_t wall_ms() const override {
    if (std::this_thread::get_id() == owner_) last_wall_ms_ = network_.clock().wall_ms();
    return last_wall_ms_;
  }
  const std::string& client_id() const override { return client_id_; }
  // What happens in the middle of a sending call.
  std::function<void()> during_send;
  std::size_t make_unique_id(std::int64_t /*now_ms*/, char* out) override {
    if (during_send) std::exchange(during_send, nullptr)();
    const auto host = static_cast<unsigned long long>(std::hash<std::string>()(client_id_));
    return static_cast<std::size_t>(std::snprintf(out, 33, "%016llX%016X", host, next_id_++));
  }
  base::Status check_running() const override { return {}; }
  bool is_forked() const override { return false; }
  bool is_driven() const override { return true; }
  bool may_block() const override { return false; }
  event::Budget* common_budget() override { return common_budget_.get(); }
  // Before the first producer.
  void bound_inflight(std::int64_t operations, std::int64_t bytes) {
    common_budget_ = event::Budget::make(operations, bytes);
  }
  bool is_in_callback() const override { return false; }

 private:
  static client::CoreOptions complete(client::CoreOptions options, const std::string& client_id,
                                      std::string_view servers) {
    options.client_id = client_id;
    while (!servers.empty()) {
      const std::string_view part = servers.substr(0, servers.find(';'));
      servers.remove_prefix(std::min(servers.size(), part.size() + 1));
      options.name_servers.push_back(transport::HostPort::parse(part).take_value());
    }
    return options;
  }
  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort& peer) override {
    if (!tls_) return loop_.make_stream();
    return std::unique_ptr<transport::ByteStream>(
        std::make_unique<transport::TlsStream>(loop_, loop_.make_stream(), tls_, peer.host));
  }

  transport::MemoryNetwork& network_;
  transport::MemoryLoop loop_;
  const std::shared_ptr<const transport::TlsContext> tls_;
  const std::string client_id_;
  client::Logger logger_;
  client::ClientCore core_;
  const std::thread::id owner_ = std::this_thread::get_id();
  mutable std::atomic<base::Instant> last_now_{};
  mutable std::atomic<std::int64_t> last_wall_ms_{0};
  std::atomic<unsigned> next_id_{1};
  bool is_closed_ = false;
  event::Budget::Owned common_budget_;
};

}  // namespace rmq::test
