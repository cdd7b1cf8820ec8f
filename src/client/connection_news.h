// Tells when a server is lost and when it is back, one line each. The attempts between have lines
// that become rarer and rarer. Each line that tells of trouble has an error event beside it, where
// the runtime's user has asked for those.
//
// Loop thread only; owned by ClientCore.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "client/error_door.h"
#include "client/logger.h"
#include "client/rarely.h"
#include "cluster/endpoint.h"
#include "remoting/connection.h"

namespace rmq::client {

class ConnectionNews {
 public:
  ConnectionNews(ClientCore& core, Logger& logger) : core_(core), logger_(logger) {}

  void set_door(ErrorDoor door) { door_ = std::move(door); }
  void on_state_changed(cluster::Endpoint& endpoint, remoting::ConnectionState from,
                        remoting::ConnectionState to, const base::Error* cause);
  // Forgets the servers that are away and that no route and no option names any more.
  void forget_unnamed() noexcept;

 private:
  // A server that cannot be reached, over whichever of its connections. A NameServer and a broker
  // may share a process and an address; to the user they are one server.
  struct Away {
    base::Instant since{};
    std::int64_t failures = 0;
    Rarely rarely;
  };

  void note_failure(cluster::Endpoint& endpoint, std::string_view states, const base::Error& cause);
  void tell(std::string_view details, const base::Error& cause, std::int64_t count);

  ClientCore& core_;
  Logger& logger_;
  ErrorDoor door_;
  struct ByName {
    using is_transparent = void;
    bool operator()(const cluster::EndpointPtr& a, const cluster::EndpointPtr& b) const {
      return a->name() < b->name();
    }
    bool operator()(const cluster::EndpointPtr& a, std::string_view name) const {
      return a->name() < name;
    }
    bool operator()(std::string_view name, const cluster::EndpointPtr& b) const {
      return name < b->name();
    }
  };
  std::map<cluster::EndpointPtr, Away, ByName> away_;
};

}  // namespace rmq::client
