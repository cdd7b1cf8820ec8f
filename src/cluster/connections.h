// The connections of one runtime to servers of one kind, by address. Loop thread only; owned by
// client::ClientCore.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "remoting/connection.h"

namespace rmq::cluster {

class Connections {
 public:
  // `base` is the pattern for every connection; its peer is filled in. At most `per_address`
  // connections to one address.
  Connections(transport::Loop& loop, remoting::Deadlines& deadlines,
              remoting::StreamFactory& streams, remoting::ConnectionHandler& handler,
              remoting::ConnectionOptions base, std::size_t per_address = 1);
  ~Connections();

  // Made at first use; connects when something is submitted. Stays valid until the destructor.
  // Equal lanes share a connection, so what must keep its order names one lane. Lane 0 is the
  // primary connection: brokers key clients by connection, so all registration goes there.
  remoting::Connection& connection_to(const transport::HostPort& address, std::uint32_t lane = 0);
  // As above, of "host:port" as routes give it. Null when the text is no address.
  remoting::Connection* find(std::string_view address, std::uint32_t lane = 0);

  // Ends all of them; what is pending fails with `reason`.
  void close_all(const base::Error& reason);

 private:
  using Lanes = std::vector<std::unique_ptr<remoting::Connection>>;

  remoting::Connection& lane_of(Lanes& lanes, const transport::HostPort& address,
                                std::uint32_t lane);

  transport::Loop& loop_;
  remoting::Deadlines& deadlines_;
  remoting::StreamFactory& streams_;
  remoting::ConnectionHandler& handler_;
  const remoting::ConnectionOptions base_;
  const std::size_t per_address_;
  std::map<std::string, Lanes, std::less<>> lanes_;
};

}  // namespace rmq::cluster
