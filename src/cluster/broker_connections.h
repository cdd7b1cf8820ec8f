// The connections of one runtime to brokers, by address. Loop thread only; owned by
// client::ClientCore.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "remoting/connection.h"

namespace rmq::cluster {

class BrokerConnections {
 public:
  // `base` is the pattern for every connection; its peer is filled in.
  BrokerConnections(transport::Loop& loop, remoting::Deadlines& deadlines,
                    remoting::StreamFactory& streams, remoting::ConnectionHandler& handler,
                    remoting::ConnectionOptions base);
  ~BrokerConnections();

  // Makes the connection at first use; it connects when something is submitted. Stays valid until
  // the destructor.
  remoting::Connection& connection_to(const transport::HostPort& address);

  // Ends all of them; what is pending fails with `reason`.
  void close_all(const base::Error& reason);

  std::size_t size() const { return connections_.size(); }

 private:
  transport::Loop& loop_;
  remoting::Deadlines& deadlines_;
  remoting::StreamFactory& streams_;
  remoting::ConnectionHandler& handler_;
  const remoting::ConnectionOptions base_;
  std::map<std::string, std::unique_ptr<remoting::Connection>, std::less<>> connections_;
};

}  // namespace rmq::cluster
