// END_TRANSACTION (37). Clients send it one-way, so that nobody reads what it is answered.

#include "testbroker/handler_table.h"
#include "testbroker/java_fields.h"

namespace rmq::testbroker {

using protocol::ResponseCode;
using protocol::TransactionState;

Handled handle_end_transaction(const RequestContext& context, wire::Command* answer) {
  JavaFields fields(context.request, BadNumber::ignored);
  protocol::EndTransactionRequest request;
  request.producer_group = fields.needed_text("producerGroup");
  request.tran_state_table_offset = fields.needed_int64("tranStateTableOffset");
  request.commit_log_offset = fields.needed_int64("commitLogOffset");
  request.state = static_cast<TransactionState>(fields.needed_int32("commitOrRollback"));
  request.msg_id = fields.needed_text("msgId");
  if (auto refusal = fields.refusal(); refusal.refused()) return finish(answer, std::move(refusal));
  if (!context.state.is_master()) return finish(answer, ResponseCode::SLAVE_NOT_AVAILABLE);
  if (request.state != TransactionState::commit && request.state != TransactionState::rollback)
    return Handled::silent;  // It is asked about later.
  return finish(answer, context.state.half_messages.end(request));
}

}  // namespace rmq::testbroker
