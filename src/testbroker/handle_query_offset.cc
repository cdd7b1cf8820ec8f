// QUERY_CONSUMER_OFFSET (14). A group without a stored offset is told 0 with success when the queue
// still has its first message in memory. Only otherwise it is told that there is none.
#include <utility>

#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;

// 5.x looks whether the first message is in memory, 4.9 whether it is on disk: an empty queue is
// neither.
bool is_young(const QueueRequest& queue, const ServerState& state) {
  const bool empty = state.store.max_offset(queue.topic, queue.queue_id) == 0;
  if (empty) return !state.options.is_5x();
  return state.store.min_offset(queue.topic, queue.queue_id) == 0 &&
         state.options.first_messages_in_memory;
}

}  // namespace

Handled handle_query_offset(const RequestContext& context, wire::Command* answer) {
  const ServerState& state = context.state;
  QueueRequest queue;
  if (auto refusal = read_queue(context.request, &queue); refusal.refused()) {
    return finish(answer, std::move(refusal));
  }
  const std::string_view group = context.request.field("consumerGroup").value_or("");
  auto offset = state.offsets.find(group, queue.topic, queue.queue_id);
  if (!offset || *offset < 0) {
    if (state.options.is_5x() && !context.request.field_bool("setZeroIfNotFound", true)) {
      return finish(answer, ResponseCode::QUERY_NOT_FOUND,
                    "Not found, do not set to zero, maybe this group boot first");
    }
    if (!is_young(queue, state)) {
      return finish(answer, ResponseCode::QUERY_NOT_FOUND,
                    "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
    }
    offset = 0;
  }
  return answer_offset(*offset, answer);
}

}  // namespace rmq::testbroker
