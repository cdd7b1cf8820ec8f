// The endpoints of one runtime's servers of one kind: one for each address, with its connections.
// Written addresses are read here, once, and here they become the addresses that are dialled.
//
// Loop thread only; owned by client::ClientCore.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cluster/endpoint.h"

namespace rmq::cluster {

class Endpoints {
 public:
  // `base` is the pattern for every connection; its peer is filled in. At most `per_address`
  // connections to one address.
  Endpoints(transport::Loop& loop, remoting::Deadlines& deadlines, remoting::StreamFactory& streams,
            EndpointHandler& handler, remoting::ConnectionOptions base,
            std::size_t per_address = 1);
  // Endpoints that somebody still holds are left without connections.
  ~Endpoints();
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  // The one endpoint of "host:port". Null when the text is no address. Throws std::bad_alloc, and
  // has done nothing then.
  EndpointPtr intern(std::string_view written);
  EndpointPtr intern(const transport::HostPort& written);

  // Destroys the connections that have no use any more. No name of their endpoint is left, nothing
  // is pending on them, and they are not open or have been silent for long. Then forgets the
  // endpoints that have no name, no connection, and nobody who holds them. Not from the callbacks
  // of a connection. True: connections to endpoints without a name are left.
  bool give_back() noexcept;

  std::size_t size() const { return endpoints_.size(); }
  std::size_t connections() const;
  // Requests, on all connections together.
  std::size_t pending() const { return pending_; }

  // Ends all connections; what is pending fails with `reason`.
  void close_all(const base::Error& reason);

 private:
  friend class Endpoint;

  EndpointPtr find(std::string_view name) const;
  EndpointPtr add(transport::HostPort address, std::string name);
  static transport::HostPort dialled_address(const Endpoint& endpoint);
  std::unique_ptr<remoting::Connection> make_connection(Endpoint& endpoint);
  bool is_useless(const remoting::Connection& connection) const;
  bool are_useless(const Endpoint& endpoint) const;

  transport::Loop& loop_;
  remoting::Deadlines& deadlines_;
  remoting::StreamFactory& streams_;
  EndpointHandler& handler_;
  const remoting::ConnectionOptions base_;
  const std::size_t per_address_;
  std::uint64_t last_number_ = 0;
  std::size_t pending_ = 0;
  std::map<std::string_view, EndpointPtr> endpoints_;  // by name, which is the endpoint's own
};

}  // namespace rmq::cluster
