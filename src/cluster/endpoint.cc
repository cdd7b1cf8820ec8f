#include "cluster/endpoint.h"

#include "cluster/endpoints.h"

namespace rmq::cluster {

void Endpoint::on_state_changed(remoting::Connection& connection, remoting::ConnectionState from,
                                remoting::ConnectionState to, const base::Error* cause) {
  if (table_) table_->handler_.on_state_changed(*this, connection, from, to, cause);
}

void Endpoint::on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                                 remoting::Connection& connection) {
  if (table_) table_->handler_.on_server_request(request, slab, connection);
}

void Endpoint::on_silence(remoting::Connection& connection, base::Instant due) {
  if (table_) table_->handler_.on_silence(connection, due);
}

void Endpoint::on_pending_changed(int change) noexcept {
  if (table_) table_->pending_ += static_cast<std::size_t>(change);
}

remoting::Connection& Endpoint::make_connection(std::size_t place) {
  assert(table_ && "used after its table");
  lanes_[place] = table_->make_connection(*this);
  return *lanes_[place];
}

}  // namespace rmq::cluster
