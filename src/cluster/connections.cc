#include "cluster/connections.h"

#include <algorithm>

namespace rmq::cluster {
namespace {

// An open connection that no route names may be in use all the same, by sends to an address.
constexpr base::Duration kSilenceMin = std::chrono::minutes(2);

}  // namespace

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

remoting::Connection* Connections::find_made(const transport::HostPort& address,
                                             std::uint32_t lane) {
  const auto known = lanes_.find(address.to_text());
  if (known == lanes_.end() || known->second.size() <= lane % per_address_) return nullptr;
  return known->second[lane % per_address_].get();
}

bool Connections::is_useless(const remoting::Connection& connection) const {
  if (connection.pending() > 0) return false;
  if (connection.state() != remoting::ConnectionState::open) return true;
  return loop_.now() - connection.active_at() >= std::max(kSilenceMin, base_.idle_timeout);
}

bool Connections::give_back(const IsNamed& is_named) {
  bool is_some_left = false;
  const std::size_t before = lanes_.size();
  std::erase_if(lanes_, [&](const auto& entry) {
    if (is_named(entry.first)) return false;
    const Lanes& lanes = entry.second;
    const bool goes = std::all_of(lanes.begin(), lanes.end(), [this](const auto& connection) {
      return is_useless(*connection);
    });
    if (!goes) is_some_left = true;
    return goes;
  });
  if (lanes_.size() != before) ++generation_;
  return is_some_left;
}

std::size_t Connections::size() const {
  std::size_t size = 0;
  for (const auto& [address, lanes] : lanes_) size += lanes.size();
  return size;
}

void Connections::close_all(const base::Error& reason) {
  for (auto& [address, lanes] : lanes_) {
    for (auto& connection : lanes) {
      connection->close(base::make_error_or_code(reason.code, [&] { return reason; }));
    }
  }
}

}  // namespace rmq::cluster
