// The connections of one runtime to servers of one kind, by address. Loop thread only; owned by
// client::ClientCore.
#pragma once

#include <cstdint>
#include <functional>
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

  // Made at first use; connects when something is submitted. Stays valid while a request is pending
  // on it, and as long as generation() says the same. Equal lanes share a connection, so what must
  // keep its order names one lane. Lane 0 is the primary connection: brokers key clients by
  // connection, so all registration goes there.
  remoting::Connection& connection_to(const transport::HostPort& address, std::uint32_t lane = 0);
  // As above, of "host:port" as routes give it. Null when the text is no address.
  remoting::Connection* find(std::string_view address, std::uint32_t lane = 0);

  // The connection, if it has been made. Null: it has not.
  remoting::Connection* find_made(const transport::HostPort& address, std::uint32_t lane = 0);

  // Destroys the connections that have no use any more. Their addresses are unknown to `is_named`,
  // nothing is pending on them, and they are not open or have been silent for long. Not from the
  // callbacks of a connection. True: some to addresses without a name are left.
  using IsNamed = std::function<bool(const std::string& address)>;
  bool give_back(const IsNamed& is_named);
  // Counts up when connections were destroyed, so that those who keep pointers know.
  std::uint64_t generation() const { return generation_; }
  std::size_t size() const;

  // Ends all of them; what is pending fails with `reason`.
  void close_all(const base::Error& reason);

 private:
  using Lanes = std::vector<std::unique_ptr<remoting::Connection>>;

  remoting::Connection& lane_of(Lanes& lanes, const transport::HostPort& address,
                                std::uint32_t lane);
  bool is_useless(const remoting::Connection& connection) const;

  transport::Loop& loop_;
  remoting::Deadlines& deadlines_;
  remoting::StreamFactory& streams_;
  remoting::ConnectionHandler& handler_;
  const remoting::ConnectionOptions base_;
  const std::size_t per_address_;
  std::uint64_t generation_ = 0;
  std::map<std::string, Lanes, std::less<>> lanes_;
};

}  // namespace rmq::cluster
