// GET_MIN_OFFSET (31): the oldest message that a queue still has.
#include <utility>

#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {

Handled handle_min_offset(const RequestContext& context, wire::Command* answer) {
  QueueRequest queue;
  if (auto refusal = read_queue(context.request, &queue); refusal.refused()) {
    constexpr std::string_view kClass = "java.lang.NullPointerException: ";
    if (context.state.options.is_5x()) refusal.remark.erase(0, kClass.size());  // as it really does
    return finish(answer, std::move(refusal));
  }
  const auto& [topic, queue_id] = queue;
  if (context.state.options.is_5x()) answer->remark = "";  // as it really does
  return answer_offset(context.state.store.min_offset(topic, queue_id), answer);
}

}  // namespace rmq::testbroker
