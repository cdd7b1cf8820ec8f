// What the state of a server may do to the connections of that server.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/command.h"

namespace rmq::testbroker {

class Peers {
 public:
  // A request of the broker's own that wants no answer. False when the connection is gone.
  virtual bool push_oneway(std::uint64_t connection, wire::Command request) = 0;
  // The answer to a request whose handler said Handled::later: code, remark, fields and body.
  virtual void answer_later(std::uint64_t ticket, wire::Command answer) = 0;
  // Ends a connection; ServerState::remove_connection() is called for it.
  virtual void cut(std::uint64_t connection, std::string_view why) = 0;
  // ServerState::run_turn_end() is wanted.
  virtual void schedule_turn_end() = 0;

 protected:
  ~Peers() = default;
};

}  // namespace rmq::testbroker
