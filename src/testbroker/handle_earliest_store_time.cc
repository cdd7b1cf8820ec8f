// GET_EARLIEST_MSG_STORETIME (32): when the oldest message of a queue was stored; -1 without one.
#include <utility>

#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {

Handled handle_earliest_store_time(const RequestContext& context, wire::Command* answer) {
  const Store& store = context.state.store;
  QueueRequest queue;
  if (auto refusal = read_queue(context.request, &queue); refusal.refused()) {
    return finish(answer, std::move(refusal));
  }
  const auto& [topic, queue_id] = queue;
  const Message* oldest = store.find(topic, queue_id, store.min_offset(topic, queue_id));
  answer->fields.emplace_back("timestamp",
                              std::to_string(oldest == nullptr ? -1 : oldest->store_ms));
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
