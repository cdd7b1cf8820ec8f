// From an answer to what it says. A request type that is asked (cluster::CallSet) has
//   using Response = ...;                                     what its answer says
//   static base::Result<Response> parse_response(const wire::CommandView& response);
//   static bool is_answer(const wire::CommandView& response);   optional: the codes to be parsed
//
// Without is_answer() it is success alone. EmptyResponse says no more than that, and needs no
// parse_response().
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/error.h"
#include "protocol/empty_response.h"
#include "protocol/response_code.h"
#include "wire/command.h"

namespace rmq::protocol {

template <typename Request>
bool is_answer(const wire::CommandView& response) {
  if constexpr (requires { Request::is_answer(response); }) {
    return Request::is_answer(response);
  } else {
    return is_success(response);
  }
}

// What the answer says, or the error that it is. Whichever error comes of an answer has its code as
// response_code, and the role of the server; `address` is a function that gives its address. Views
// of the result are valid as long as those of `response`. Throws std::bad_alloc.
template <typename Request, typename Address>
base::Result<typename Request::Response> read_response(std::int32_t request_code,
                                                       const wire::CommandView& response,
                                                       base::ServerRole role, Address address) {
  if (!is_answer<Request>(response))
    return error_from_response(response, role, request_code, address());
  if constexpr (std::is_same_v<typename Request::Response, EmptyResponse>) {
    return EmptyResponse{};
  } else {
    base::Result<typename Request::Response> parsed = Request::parse_response(response);
    if (!parsed.ok()) {
      base::Error& error = parsed.error();
      if (role == base::ServerRole::nameserver) {
        error.code = base::ErrorCode::NAMESERVER_ANSWER;
      } else {
        error.outcome = base::Outcome::applied;  // it says so, whatever else is wrong with it
      }
      error.server_role = role;
      error.response_code = response.code;
      error.address = address();
    }
    return parsed;
  }
}

}  // namespace rmq::protocol
