// GET_CONSUMER_LIST_BY_GROUP (38): the client ids of a group.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/request_code.h"

namespace rmq::protocol {

struct GetConsumerListRequest {
  static constexpr RequestCode kCode = RequestCode::GET_CONSUMER_LIST_BY_GROUP;
  std::string_view consumer_group{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("consumerGroup", consumer_group);
  }
};

base::Result<std::vector<std::string>> parse_consumer_list(std::string_view text);
std::string consumer_list_to_json(const std::vector<std::string>& client_ids);

}  // namespace rmq::protocol
