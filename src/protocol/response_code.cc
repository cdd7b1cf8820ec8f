#include "protocol/response_code.h"

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "protocol/request_code.h"

namespace rmq::protocol {
namespace {

using base::ErrorCode;

base::Outcome proof_from_table(std::int32_t code) {
  switch (code) {
#define RMQ_RESPONSE_CODE(name, number, error, proof) \
  case number:                                        \
    return base::Outcome::proof;
    RMQ_RESPONSE_CODES(RMQ_RESPONSE_CODE)
#undef RMQ_RESPONSE_CODE
    default:
      return base::Outcome::maybe_applied;
  }
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// ACL 1.0 says this with code 1, ACL 2.0 with code 16; only the words tell them from other
// failures.
bool is_authentication_remark(std::int32_t code, std::string_view remark) {
  if (code == static_cast<std::int32_t>(ResponseCode::SYSTEM_ERROR)) {
    return remark.starts_with("org.apache.rocketmq.acl.common.AclException");
  }
  return contains(remark, "check signature failed") ||
         contains(remark, "username cannot be null") ||
         (remark.starts_with("User:") && contains(remark, "is not found"));
}

// A broker that did not begin with the request. 4.9 says some of these with code 1, 5.x with 2.
bool is_busy_remark(std::string_view remark) {
  constexpr std::string_view kMarks[] = {"[REJECTREQUEST]", "[OVERLOAD]", "[TIMEOUT_CLEAN_QUEUE]",
                                         "[PC_SYNCHRONIZED]"};
  return std::any_of(std::begin(kMarks), std::end(kMarks),
                     [&](std::string_view mark) { return remark.starts_with(mark); });
}

ErrorCode refine(std::int32_t code, std::string_view remark) {
  const bool no_permission = code == static_cast<std::int32_t>(ResponseCode::NO_PERMISSION);
  const bool system_error = code == static_cast<std::int32_t>(ResponseCode::SYSTEM_ERROR);
  const bool bad_parameter = code == static_cast<std::int32_t>(ResponseCode::INVALID_PARAMETER);
  if ((no_permission || system_error) && is_authentication_remark(code, remark)) {
    return ErrorCode::AUTHENTICATION;
  }
  if (no_permission && remark.starts_with("User:") && contains(remark, "no permission")) {
    return ErrorCode::AUTHORIZATION;
  }
  // 4.9 answers a queue out of range with 1, 5.x with 29.
  if ((system_error || bad_parameter) && contains(remark, "queueId") &&
      contains(remark, "illegal")) {
    return ErrorCode::QUEUE_MISSING;
  }
  if (system_error && is_busy_remark(remark)) return ErrorCode::BROKER_BUSY;
  return broker_error_of(code);
}

// The words of the answer may say more than its number.
base::Outcome find_proof(std::int32_t response_code, ErrorCode refined) {
  switch (refined) {
    case ErrorCode::AUTHENTICATION:
    case ErrorCode::AUTHORIZATION:
    case ErrorCode::QUEUE_MISSING:
    case ErrorCode::BROKER_BUSY:
      return base::Outcome::not_applied;
    default:
      return proof_from_table(response_code);
  }
}

ErrorCode refine_for_nameserver(std::int32_t code, std::string_view remark) {
  if (code == static_cast<std::int32_t>(ResponseCode::TOPIC_NOT_EXIST)) return ErrorCode::NO_ROUTE;
  const ErrorCode refined = refine(code, remark);
  const bool broker_words = refined == ErrorCode::BROKER || refined == ErrorCode::BROKER_SYSTEM;
  return broker_words ? ErrorCode::NAMESERVER_ANSWER : refined;
}

std::string_view role_name(base::ServerRole role) {
  switch (role) {
    case base::ServerRole::nameserver:
      return "NameServer";
    case base::ServerRole::broker:
      return "broker";
    case base::ServerRole::proxy:
      return "proxy";
    case base::ServerRole::none:
      break;
  }
  return "server";
}

}  // namespace

ErrorCode broker_error_of(std::int32_t code) {
  switch (code) {
#define RMQ_RESPONSE_CODE(name, number, error, proof) \
  case number:                                        \
    return ErrorCode::error;
    RMQ_RESPONSE_CODES(RMQ_RESPONSE_CODE)
#undef RMQ_RESPONSE_CODE
    default:
      return ErrorCode::BROKER;
  }
}

std::string_view response_name(std::int32_t code) {
  switch (code) {
#define RMQ_RESPONSE_CODE(name, number, error, proof) \
  case number:                                        \
    return #name;
    RMQ_RESPONSE_CODES(RMQ_RESPONSE_CODE)
#undef RMQ_RESPONSE_CODE
    default:
      return "UNKNOWN";
  }
}

base::Error error_from_response(const wire::CommandView& response, base::ServerRole role,
                                std::int32_t request_code, std::string_view address) {
  const std::string_view remark = response.remark.value_or(std::string_view());
  const ErrorCode code = role == base::ServerRole::nameserver
                             ? refine_for_nameserver(response.code, remark)
                             : refine(response.code, remark);
  base::Error error = base::make_error(
      code, base::format("{} ({}): {} {} answered {} ({}){}{}", request_name(request_code),
                         request_code, role_name(role), address, response.code,
                         response_name(response.code), remark.empty() ? "" : ": ", remark));
  error.server_role = role;
  if (role != base::ServerRole::nameserver) error.outcome = find_proof(response.code, code);
  error.response_code = response.code;
  error.remark = remark;
  error.address = address;
  if (response.code == static_cast<std::int32_t>(ResponseCode::NO_BUYER_ID) ||
      response.code == static_cast<std::int32_t>(ResponseCode::NOT_IN_CURRENT_UNIT)) {
    error.retriable = true;  // sends try another broker
  }
  return error;
}

}  // namespace rmq::protocol
