#include "cluster/broker_connections.h"

namespace rmq::cluster {

BrokerConnections::BrokerConnections(transport::Loop& loop, remoting::Deadlines& deadlines,
                                     remoting::StreamFactory& streams,
                                     remoting::ConnectionHandler& handler,
                                     remoting::ConnectionOptions base)
    : loop_(loop),
      deadlines_(deadlines),
      streams_(streams),
      handler_(handler),
      base_(std::move(base)) {}

BrokerConnections::~BrokerConnections() = default;

remoting::Connection& BrokerConnections::connection_to(const transport::HostPort& address) {
  const std::string key = address.to_text();
  auto found = connections_.find(key);
  if (found == connections_.end()) {
    remoting::ConnectionOptions options = base_;
    options.peer = address;
    options.server_role = base::ServerRole::broker;
    auto connection = std::make_unique<remoting::Connection>(loop_, deadlines_, streams_, handler_,
                                                             std::move(options));
    found = connections_.emplace(key, std::move(connection)).first;
  }
  return *found->second;
}

void BrokerConnections::close_all(const base::Error& reason) {
  for (auto& [address, connection] : connections_) {
    connection->close(base::make_error_or_code(reason.code, [&] { return reason; }));
  }
}

}  // namespace rmq::cluster
