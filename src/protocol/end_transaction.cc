#include "protocol/end_transaction.h"

#include "protocol/field_reader.h"

namespace rmq::protocol {

base::Result<CheckTransactionStateRequest> parse_check_transaction_state(
    const wire::CommandView& request) {
  FieldReader fields(request);
  CheckTransactionStateRequest parsed;
  parsed.tran_state_table_offset = fields.required_int64("tranStateTableOffset");
  parsed.commit_log_offset = fields.required_int64("commitLogOffset");
  parsed.msg_id = fields.text("msgId");
  parsed.transaction_id = fields.text("transactionId");
  parsed.offset_msg_id = fields.text("offsetMsgId");
  parsed.topic = fields.text("topic");
  parsed.broker_name = fields.text("bname");
  if (base::Status status = fields.finish("the transaction check"); !status.ok())
    return status.take_error();
  return parsed;
}

}  // namespace rmq::protocol
