// Why a request is not served: the code and the remark of its answer.
#pragma once

#include <string>
#include <string_view>

#include "protocol/response_code.h"

namespace rmq::testbroker {

struct ServerOptions;

struct Refusal {
  protocol::ResponseCode code = protocol::ResponseCode::SUCCESS;
  std::string remark;

  bool refused() const { return code != protocol::ResponseCode::SUCCESS; }
};

// What a real broker answers when its code throws. Clients show the text to their users. Nothing
// else of the request's own is in such an answer, and 4.9 writes it in JSON whatever it was asked
// in.
Refusal refuse_null(std::string_view what);
Refusal refuse_number(std::string_view text);
Refusal refuse_thrown(std::string_view exception);
Refusal refuse_json(const ServerOptions& options, std::string_view body, std::string_view why);

bool is_thrown(protocol::ResponseCode code, std::string_view remark);

}  // namespace rmq::testbroker
