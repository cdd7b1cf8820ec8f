// GET_MAX_OFFSET (30): where the next message of a queue will be.
#include <utility>

#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {

Handled handle_max_offset(const RequestContext& context, wire::Command* answer) {
  QueueRequest queue;
  if (auto refusal = read_queue(context.request, &queue); refusal.refused()) {
    return finish(answer, std::move(refusal));
  }
  const auto& [topic, queue_id] = queue;
  return answer_offset(context.state.store.max_offset(topic, queue_id), answer);
}

}  // namespace rmq::testbroker
