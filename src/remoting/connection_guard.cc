#include "remoting/connection_guard.h"

namespace rmq::remoting {

Connection::Guard::Guard(Connection& connection)
    : connection_(&connection), outer_(connection.guards_) {
  connection.guards_ = this;
}

Connection::Guard::~Guard() {
  if (connection_ != nullptr) connection_->guards_ = outer_;
}

void Connection::Guard::mark_dead(Guard* innermost) {
  for (Guard* guard = innermost; guard != nullptr; guard = guard->outer_) {
    guard->connection_ = nullptr;
  }
}

}  // namespace rmq::remoting
