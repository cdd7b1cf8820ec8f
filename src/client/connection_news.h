// Tells when a server is lost and when it is back, one line each. The attempts between have lines
// that become rarer and rarer. Each line that tells of trouble has an error event beside it, where
// the runtime's user has asked for those.
//
// Loop thread only; owned by ClientCore.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "client/error_door.h"
#include "client/logger.h"
#include "client/rarely.h"
#include "remoting/connection.h"

namespace rmq::client {

class ConnectionNews {
 public:
  ConnectionNews(ClientCore& core, Logger& logger) : core_(core), logger_(logger) {}

  void set_door(ErrorDoor door) { door_ = std::move(door); }
  void on_state_changed(const remoting::Connection& connection, remoting::ConnectionState from,
                        remoting::ConnectionState to, const base::Error* cause);
  // Forgets the servers that are away and that `is_named` does not know any more.
  void keep_only(const std::function<bool(const std::string& address)>& is_named);

 private:
  // A server that cannot be reached, over whichever of its connections.
  struct Away {
    base::Instant since{};
    std::int64_t failures = 0;
    Rarely rarely;
  };

  void note_failure(const std::string& address, std::string_view states, const base::Error& cause);
  void tell(std::string_view details, const base::Error& cause, std::int64_t count);

  ClientCore& core_;
  Logger& logger_;
  ErrorDoor door_;
  std::map<std::string, Away, std::less<>> away_;  // by address
};

}  // namespace rmq::client
