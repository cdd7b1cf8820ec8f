#include "protocol/recall_message.h"

#include "protocol/field_reader.h"

namespace rmq::protocol {

base::Result<std::string> RecallMessageRequest::parse_response(const wire::CommandView& response) {
  FieldReader fields(response);
  std::string message_id(fields.required_text("msgId"));
  if (base::Status status = fields.finish("the recall response"); !status.ok()) {
    return status.take_error();
  }
  return message_id;
}

}  // namespace rmq::protocol
