#include "producer/retry_policy.h"

#include <algorithm>

#include "protocol/response_code.h"

namespace rmq::producer {
namespace {

constexpr base::Duration kAttemptMin = std::chrono::seconds(1);

// No answer came: the connection could not be made, was lost, or the time ran out. A server that
// announced its leave took nothing of what waited, whatever the category of that code.
bool is_transport_failure(const base::Error& error) {
  if (error.response_code >= 0) return false;
  switch (base::error_code_info(error.code).category) {
    case base::ErrorCategory::network:
    case base::ErrorCategory::timeout:
    case base::ErrorCategory::protocol:
      return true;
    default:
      return error.code == base::ErrorCode::SERVER_LEAVING;
  }
}

}  // namespace

bool is_worth_another_try(const base::Error& error) {
  using protocol::ResponseCode;
  switch (static_cast<ResponseCode>(error.response_code)) {
    case ResponseCode::SYSTEM_ERROR:
    case ResponseCode::SYSTEM_BUSY:
    case ResponseCode::SERVICE_NOT_AVAILABLE:
    case ResponseCode::NO_PERMISSION:
    case ResponseCode::TOPIC_NOT_EXIST:
    case ResponseCode::NO_BUYER_ID:
    case ResponseCode::NOT_IN_CURRENT_UNIT:
    case ResponseCode::GO_AWAY:
      return true;
    default:
      return is_transport_failure(error);
  }
}

bool hints_at_stale_route(const base::Error& error) {
  using protocol::ResponseCode;
  switch (static_cast<ResponseCode>(error.response_code)) {
    case ResponseCode::TOPIC_NOT_EXIST:
    case ResponseCode::NO_PERMISSION:
    case ResponseCode::NOT_LEADER_FOR_QUEUE:
    case ResponseCode::GO_AWAY:
      return true;
    default:
      return is_transport_failure(error);
  }
}

base::Instant attempt_deadline(base::Instant now, base::Instant due, int attempts_left,
                               bool has_other_broker) {
  if (attempts_left <= 1 || !has_other_broker || due <= now) return due;
  return std::min(due, now + std::max((due - now) / attempts_left, kAttemptMin));
}

}  // namespace rmq::producer
