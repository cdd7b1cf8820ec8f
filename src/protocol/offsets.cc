#include "protocol/offsets.h"

#include "protocol/field_reader.h"

namespace rmq::protocol {

base::Result<std::int64_t> parse_offset_response(const wire::CommandView& response) {
  FieldReader fields(response);
  const std::int64_t offset = fields.required_int64("offset");
  if (base::Status status = fields.finish("an offset response"); !status.ok()) {
    return status.take_error();
  }
  return offset;
}

}  // namespace rmq::protocol
