#include "protocol/request_code.h"

namespace rmq::protocol {

std::string_view request_name(std::int32_t code) {
  switch (code) {
#define RMQ_REQUEST_CODE(name, number) \
  case number:                         \
    return #name;
    RMQ_REQUEST_CODES(RMQ_REQUEST_CODE)
#undef RMQ_REQUEST_CODE
    default:
      return "UNKNOWN";
  }
}

}  // namespace rmq::protocol
