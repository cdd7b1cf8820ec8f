// GET_BROKER_CLUSTER_INFO (106).
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

Handled handle_cluster_info(const RequestContext& context, wire::Command* answer) {
  answer->body = context.state.routes.render_cluster(context.state.options.is_5x());
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
