#include "cluster/endpoints.h"

#include <algorithm>

namespace rmq::cluster {
namespace {

// An open connection that no route names may be in use all the same, by sends to an address.
constexpr base::Duration kSilenceMin = std::chrono::minutes(2);

}  // namespace

Endpoints::Endpoints(transport::Loop& loop, remoting::Deadlines& deadlines,
                     remoting::StreamFactory& streams, EndpointHandler& handler,
                     remoting::ConnectionOptions base, std::size_t per_address)
    : loop_(loop),
      deadlines_(deadlines),
      streams_(streams),
      handler_(handler),
      base_(std::move(base)),
      per_address_(per_address) {}

Endpoints::~Endpoints() {
  for (auto& [name, endpoint] : endpoints_) {
    for (auto& connection : endpoint->lanes_) connection.reset();
    endpoint->table_ = nullptr;
  }
}

EndpointPtr Endpoints::find(std::string_view name) const {
  const auto known = endpoints_.find(name);
  return known == endpoints_.end() ? nullptr : known->second;
}

// Routes spell most addresses as the table does, and so most need no reading.
EndpointPtr Endpoints::intern(std::string_view written) {
  if (EndpointPtr known = find(written)) return known;
  const auto parsed = transport::HostPort::parse(written);
  return parsed.ok() ? intern(parsed.value()) : nullptr;
}

EndpointPtr Endpoints::intern(const transport::HostPort& written) {
  std::string name = written.to_text();
  if (EndpointPtr known = find(name)) return known;
  return add(written, std::move(name));
}

EndpointPtr Endpoints::add(transport::HostPort address, std::string name) {
  auto made = std::make_shared<Endpoint>(*this, std::move(address), std::move(name),
                                         last_number_ + 1, per_address_);
  endpoints_.emplace(made->name(), made);
  ++last_number_;
  return made;
}

// The one place where the address that was written becomes the one that is dialled. Streams get it
// with its name, which TLS verifies; whether the name is looked up here is the StreamFactory's.
transport::HostPort Endpoints::dialled_address(const Endpoint& endpoint) {
  return endpoint.address();
}

std::unique_ptr<remoting::Connection> Endpoints::make_connection(Endpoint& endpoint) {
  remoting::ConnectionOptions options = base_;
  options.peer = dialled_address(endpoint);
  return std::make_unique<remoting::Connection>(loop_, deadlines_, streams_,
                                                static_cast<remoting::ConnectionHandler&>(endpoint),
                                                std::move(options));
}

bool Endpoints::is_useless(const remoting::Connection& connection) const {
  if (connection.pending() > 0) return false;
  if (connection.state() != remoting::ConnectionState::open) return true;
  return loop_.now() - connection.active_at() >= std::max(kSilenceMin, base_.idle_timeout);
}

bool Endpoints::are_useless(const Endpoint& endpoint) const {
  return std::all_of(
      endpoint.lanes_.begin(), endpoint.lanes_.end(),
      [this](const auto& connection) { return !connection || is_useless(*connection); });
}

// At a count of 1 the table's own reference is the last. Other threads copy only what they hold,
// and the table is asked on this one.
bool Endpoints::give_back() noexcept {
  bool is_some_left = false;
  std::erase_if(endpoints_, [&](const auto& entry) {
    Endpoint& endpoint = *entry.second;
    if (endpoint.is_named()) return false;
    if (!are_useless(endpoint)) {
      is_some_left = true;
      return false;
    }
    for (auto& connection : endpoint.lanes_) connection.reset();
    return entry.second.use_count() == 1;
  });
  return is_some_left;
}

std::size_t Endpoints::connections() const {
  std::size_t count = 0;
  for (const auto& [name, endpoint] : endpoints_) {
    count += static_cast<std::size_t>(
        std::count_if(endpoint->lanes_.begin(), endpoint->lanes_.end(),
                      [](const auto& connection) { return connection != nullptr; }));
  }
  return count;
}

void Endpoints::close_all(const base::Error& reason) {
  for (auto& [name, endpoint] : endpoints_) {
    for (auto& connection : endpoint->lanes_) {
      if (!connection) continue;
      connection->close(base::make_error_or_code(reason.code, [&] { return reason; }));
    }
  }
}

}  // namespace rmq::cluster
