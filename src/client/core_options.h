// The options of a runtime that its core works by, read once from the config.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cluster/route_table.h"
#include "config/config.h"
#include "remoting/connection_options.h"

namespace rmq::client {

struct CoreOptions {
  std::string client_id;
  remoting::ConnectionOptions connections;
  std::size_t connections_per_broker = 1;
  std::vector<transport::HostPort> name_servers;
  cluster::RouteTable::Options routes;
  base::Duration heartbeat_interval = std::chrono::seconds(30);
  bool heartbeat_v2 = false;
  std::size_t decompress_bytes_max = 32 * 1024 * 1024;  // of one received body

  static base::Result<CoreOptions> read(const config::Config& config, std::string client_id);
};

}  // namespace rmq::client
