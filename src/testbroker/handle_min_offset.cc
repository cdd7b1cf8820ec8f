// GET_MIN_OFFSET (31): the oldest message that a queue still has.
#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {

Handled handle_min_offset(const RequestContext& context, wire::Command* answer) {
  const auto queue = parse_queue_request(context.request);
  if (!queue.ok()) {
    return finish(answer, protocol::ResponseCode::SYSTEM_ERROR, queue.error().message);
  }
  const auto& [topic, queue_id] = queue.value();
  if (context.state.options.is_5x()) answer->remark = "";  // as it really does
  return answer_offset(context.state.store.min_offset(topic, queue_id), answer);
}

}  // namespace rmq::testbroker
