// UNREGISTER_CLIENT (35): takes one group of this client off a broker.
#pragma once

#include <string_view>

#include "protocol/empty_response.h"
#include "protocol/request_code.h"

namespace rmq::protocol {

struct UnregisterClientRequest {
  static constexpr RequestCode kCode = RequestCode::UNREGISTER_CLIENT;
  using Response = EmptyResponse;

  std::string_view client_id{};
  std::string_view producer_group{};  // empty: not sent
  std::string_view consumer_group{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("clientID", client_id);
    sink->field("producerGroup", producer_group);
    sink->field("consumerGroup", consumer_group);
  }
};

}  // namespace rmq::protocol
