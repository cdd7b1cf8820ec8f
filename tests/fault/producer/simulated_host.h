// A runtime in a simulated world: a ClientCore on a MemoryLoop, with the hand-turned clock. The
// test is the calling thread and the loop thread at once.
#pragma once

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "client/host.h"
#include "producer/producer.h"
#include "transport/memory_loop.h"
#include "transport/memory_network.h"

namespace rmq::producer::testing {

class SimulatedHost final : public client::Host, private remoting::StreamFactory {
 public:
  // `name_servers`: "host:port;host:port".
  SimulatedHost(transport::MemoryNetwork& network, std::string address,
                std::string_view name_servers = {}, client::CoreOptions options = {})
      : network_(network),
        loop_(network, std::move(address)),
        logger_(event::LogLevel::off, client_id_),
        core_(loop_, *this, with_servers(std::move(options), name_servers), logger_) {}

  // Ends every member at once, each send with its event.
  void close() {
    bool closed = false;
    core_.begin_close(now(), [&closed] { closed = true; });
    network_.run_until([&closed] { return closed; }, std::chrono::seconds(60));
  }

  client::ClientCore& core() override { return core_; }
  base::Instant now() const override { return network_.now(); }
  std::int64_t wall_ms() const override { return 1'700'000'000'000; }
  const std::string& client_id() const override { return client_id_; }
  std::size_t make_unique_id(char* out) override {
    return static_cast<std::size_t>(std::snprintf(out, 33, "%032X", next_id_++));
  }
  base::Status check_running() const override { return {}; }
  bool is_forked() const override { return false; }
  bool may_block() const override { return false; }
  bool is_in_callback() const override { return false; }

 private:
  static client::CoreOptions with_servers(client::CoreOptions options, std::string_view servers) {
    options.client_id = "simulated";
    while (!servers.empty()) {
      const std::string_view part = servers.substr(0, servers.find(';'));
      servers.remove_prefix(std::min(servers.size(), part.size() + 1));
      options.name_servers.push_back(transport::HostPort::parse(part).take_value());
    }
    return options;
  }

  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort&) override {
    return loop_.make_stream();
  }

  transport::MemoryNetwork& network_;
  transport::MemoryLoop loop_;
  const std::string client_id_ = "simulated";
  client::Logger logger_;
  client::ClientCore core_;
  unsigned next_id_ = 1;
};

}  // namespace rmq::producer::testing
