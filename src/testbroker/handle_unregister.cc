// UNREGISTER_CLIENT (35): takes one group of each kind off this connection, whatever client id the
// request names.
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

Handled handle_unregister(const RequestContext& context, wire::Command* answer) {
  const wire::CommandView& request = context.request;
  ServerState& state = context.state;
  state.clients.unregister(context.connection, request.field("producerGroup").value_or(""),
                           request.field("consumerGroup").value_or(""));
  if (state.clients.has_changed_groups()) state.peers.schedule_turn_end();
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
