// CHECK_CLIENT_CONFIG (46): whether a broker can filter as a subscription wants. The body says
// which.
#pragma once

#include "protocol/empty_response.h"
#include "protocol/request_code.h"

namespace rmq::protocol {

struct CheckClientRequest {
  static constexpr RequestCode kCode = RequestCode::CHECK_CLIENT_CONFIG;
  using Response = EmptyResponse;

  template <typename Sink>
  void write_fields(Sink* /*sink*/) const {}
};

}  // namespace rmq::protocol
