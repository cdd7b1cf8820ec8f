// LOCK_BATCH_MQ (41) and UNLOCK_BATCH_MQ (42).
#include <utility>

#include "protocol/lock_batch.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {
namespace {

Refusal read(const RequestContext& context, protocol::LockBatchBody* request) {
  const std::string_view text = base::as_text(context.request.body);
  auto parsed = protocol::parse_lock_batch(text);
  if (!parsed.ok()) return refuse_json(context.state.options, text, parsed.error().message);
  *request = parsed.take_value();
  return {};
}

}  // namespace

Handled handle_lock(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  protocol::LockBatchBody request;
  if (auto refusal = read(context, &request); refusal.refused()) {
    return finish(answer, std::move(refusal));
  }
  answer->body = protocol::locked_queues_to_json(state.locks.lock(request, state.loop.now()));
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

Handled handle_unlock(const RequestContext& context, wire::Command* answer) {
  protocol::LockBatchBody request;
  if (auto refusal = read(context, &request); refusal.refused()) {
    return finish(answer, std::move(refusal));
  }
  if (request.consumer_group.empty()) return finish(answer, refuse_null("the group"));
  context.state.locks.unlock(request);
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
