#include "client/core_options.h"

namespace rmq::client {
namespace {

using config::OptionId;

remoting::ConnectionOptions read_connection_options(const config::Config& config) {
  remoting::ConnectionOptions options;
  options.connect_timeout = config.duration(OptionId::kConnectTimeout);
  options.idle_timeout = config.duration(OptionId::kIdleTimeout);
  options.reconnect_backoff_min = config.duration(OptionId::kReconnectBackoffMin);
  options.reconnect_backoff_max = config.duration(OptionId::kReconnectBackoffMax);
  options.write_timeout = config.duration(OptionId::kRequestTimeout);
  options.max_consecutive_failures =
      static_cast<int>(config.integer(OptionId::kMaxConsecutiveFailures));
  // Sends hold room in their producer's budget, which is the bound that users set and see; pulls
  // and heartbeats must not wait for them.
  options.requests_max = SIZE_MAX;
  options.waiting_requests_max = std::size_t{1} << 24;
  options.waiting_bytes_max = std::size_t{1} << 40;
  return options;
}

// "host:port;host:port", checked when it was set.
base::Result<std::vector<transport::HostPort>> read_addresses(const config::Config& config) {
  std::vector<transport::HostPort> addresses;
  for (const std::string_view part : config.list(OptionId::kNamesrvAddr)) {
    auto address = transport::HostPort::parse(part);
    if (!address.ok()) return address.take_error();
    addresses.push_back(address.take_value());
  }
  return addresses;
}

}  // namespace

base::Result<CoreOptions> CoreOptions::read(const config::Config& config, std::string client_id) {
  CoreOptions options;
  options.client_id = std::move(client_id);
  options.connections = read_connection_options(config);
  options.connections_per_broker =
      static_cast<std::size_t>(config.integer(OptionId::kConnectionPoolSize));
  auto addresses = read_addresses(config);
  if (!addresses.ok()) return addresses.take_error();
  options.name_servers = addresses.take_value();
  options.routes.poll_interval = config.duration(OptionId::kPollNameServerInterval);
  options.routes.ttl = config.duration(OptionId::kRouteCacheTtl);
  options.routes.request_timeout = config.duration(OptionId::kRequestTimeout);
  options.heartbeat_interval = config.duration(OptionId::kHeartbeatBrokerInterval);
  options.decompress_bytes_max =
      static_cast<std::size_t>(config.integer(OptionId::kDecompressMaxBytes));
  options.heartbeat_v2 = config.boolean(OptionId::kHeartbeatV2);
  return options;
}

}  // namespace rmq::client
