// GET_MAX_OFFSET (30): where the next message of a queue will be.
#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {

Handled handle_max_offset(const RequestContext& context, wire::Command* answer) {
  const auto queue = parse_queue_request(context.request);
  if (!queue.ok()) {
    return finish(answer, protocol::ResponseCode::SYSTEM_ERROR, queue.error().message);
  }
  const auto& [topic, queue_id] = queue.value();
  return answer_offset(context.state.store.max_offset(topic, queue_id), answer);
}

}  // namespace rmq::testbroker
