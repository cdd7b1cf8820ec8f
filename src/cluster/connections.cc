#include "cluster/connections.h"

namespace rmq::cluster {

Connections::Connections(transport::Loop& loop, remoting::Deadlines& deadlines,
                         remoting::StreamFactory& streams, remoting::ConnectionHandler& handler,
                         remoting::ConnectionOptions base, std::size_t per_address)
    : loop_(loop),
      deadlines_(deadlines),
      streams_(streams),
      handler_(handler),
      base_(std::move(base)),
      per_address_(per_address) {}

Connections::~Connections() = default;

remoting::Connection& Connections::connection_to(const transport::HostPort& address,
                                                 std::uint32_t lane) {
  return lane_of(lanes_[address.to_text()], address, lane);
}

remoting::Connection* Connections::find(std::string_view address, std::uint32_t lane) {
  const auto known = lanes_.find(address);
  if (known != lanes_.end() && !known->second.empty()) {
    return &lane_of(known->second, known->second.front()->options().peer, lane);
  }
  auto parsed = transport::HostPort::parse(address);
  return parsed.ok() ? &connection_to(parsed.value(), lane) : nullptr;
}

remoting::Connection& Connections::lane_of(Lanes& lanes, const transport::HostPort& address,
                                           std::uint32_t lane) {
  const std::size_t place = lane % per_address_;
  while (lanes.size() <= place) {
    remoting::ConnectionOptions options = base_;
    options.peer = address;
    lanes.push_back(std::make_unique<remoting::Connection>(loop_, deadlines_, streams_, handler_,
                                                           std::move(options)));
  }
  return *lanes[place];
}

void Connections::close_all(const base::Error& reason) {
  for (auto& [address, lanes] : lanes_) {
    for (auto& connection : lanes) {
      connection->close(base::make_error_or_code(reason.code, [&] { return reason; }));
    }
  }
}

}  // namespace rmq::cluster
