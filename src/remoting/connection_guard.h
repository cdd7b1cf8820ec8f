// Private to the connection's sources.
#pragma once

#include "remoting/connection.h"

namespace rmq::remoting {

// Stands on the stack across calls out, and tells afterwards whether the connection is still there.
// The bodies are in a source of their own: where gcc 12 sees them it warns of a dangling pointer.
class Connection::Guard {
 public:
  explicit Guard(Connection& connection);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  bool is_dead() const { return connection_ == nullptr; }
  // Called by the connection's destructor for all guards that stand.
  static void mark_dead(Guard* innermost);

 private:
  Connection* connection_;
  Guard* outer_;
};

}  // namespace rmq::remoting
