// UNREGISTER_CLIENT (35).
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

Handled handle_unregister(const RequestContext& context, wire::Command* answer) {
  const wire::CommandView& request = context.request;
  context.state.clients.unregister(request.field("clientID").value_or(""),
                                   request.field("producerGroup").value_or(""),
                                   request.field("consumerGroup").value_or(""));
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
