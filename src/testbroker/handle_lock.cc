// LOCK_BATCH_MQ (41) and UNLOCK_BATCH_MQ (42).
#include "protocol/lock_batch.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

Handled handle_lock(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  const auto request = protocol::parse_lock_batch(base::as_text(context.request.body));
  if (!request.ok()) {
    return finish(answer, protocol::ResponseCode::SYSTEM_ERROR, request.error().message);
  }
  answer->body =
      protocol::locked_queues_to_json(state.locks.lock(request.value(), state.loop.now()));
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

Handled handle_unlock(const RequestContext& context, wire::Command* answer) {
  const auto request = protocol::parse_lock_batch(base::as_text(context.request.body));
  if (!request.ok()) {
    return finish(answer, protocol::ResponseCode::SYSTEM_ERROR, request.error().message);
  }
  context.state.locks.unlock(request.value());
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
