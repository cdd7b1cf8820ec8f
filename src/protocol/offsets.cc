#include "protocol/offsets.h"

#include "protocol/field_reader.h"
#include "protocol/response_code.h"

namespace rmq::protocol {

base::Result<std::int64_t> parse_offset_response(const wire::CommandView& response) {
  FieldReader fields(response);
  const std::int64_t offset = fields.required_int64("offset");
  if (base::Status status = fields.finish("an offset response"); !status.ok()) {
    return status.take_error();
  }
  return offset;
}

namespace {

bool has_no_offset(const wire::CommandView& response) {
  return response.code == static_cast<std::int32_t>(ResponseCode::QUERY_NOT_FOUND);
}

}  // namespace

bool QueryConsumerOffsetRequest::is_answer(const wire::CommandView& response) {
  return is_success(response) || has_no_offset(response);
}

// Java takes a negative one for none.
base::Result<std::optional<std::int64_t>> QueryConsumerOffsetRequest::parse_response(
    const wire::CommandView& response) {
  if (has_no_offset(response)) return Response();
  base::Result<std::int64_t> offset = parse_offset_response(response);
  if (!offset.ok()) return offset.take_error();
  return offset.value() < 0 ? Response() : Response(offset.value());
}

}  // namespace rmq::protocol
