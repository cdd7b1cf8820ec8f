// GET_CONSUMER_LIST_BY_GROUP (38): the client ids of a group.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::protocol {

base::Result<std::vector<std::string>> parse_consumer_list(std::string_view text);

struct GetConsumerListRequest {
  static constexpr RequestCode kCode = RequestCode::GET_CONSUMER_LIST_BY_GROUP;
  using Response = std::vector<std::string>;
  static base::Result<Response> parse_response(const wire::CommandView& response) {
    return parse_consumer_list(base::as_text(response.body));
  }

  std::string_view consumer_group{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("consumerGroup", consumer_group);
  }
};

std::string consumer_list_to_json(const std::vector<std::string>& client_ids);

}  // namespace rmq::protocol
