// RECALL_MESSAGE (370): takes back a timer message before its time (protocol.md 12.4).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::protocol {

struct RecallMessageRequest {
  static constexpr RequestCode kCode = RequestCode::RECALL_MESSAGE;
  using Response = std::string;  // the unique id of the message
  static base::Result<Response> parse_response(const wire::CommandView& response);

  std::string_view producer_group{};
  std::string_view topic{};
  std::string_view recall_handle{};
  std::string_view broker_name{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("producerGroup", producer_group);
    sink->field("topic", topic);
    sink->field("recallHandle", recall_handle);
    sink->field("bname", broker_name);
  }
};

}  // namespace rmq::protocol
