// Numbers of answers (protocol.md section 4) and the error that each becomes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "wire/command.h"

namespace rmq::protocol {

// X(name, number, the error code that it becomes when a broker answers it, what it proves)
//
// An answer's outcome is what it proves about the request. It is not_applied where brokers give the
// answer only before they have begun, and applied where they say that the message is stored.
// Brokers also say 1 (SYSTEM_ERROR) for whatever goes wrong after a message was stored. That answer
// and every number that is not in the table leave the question open.
#define RMQ_RESPONSE_CODES(X)                                      \
  X(SUCCESS, 0, OK, applied)                                       \
  X(SYSTEM_ERROR, 1, BROKER_SYSTEM, maybe_applied)                 \
  X(SYSTEM_BUSY, 2, BROKER_BUSY, not_applied)                      \
  X(REQUEST_CODE_NOT_SUPPORTED, 3, UNSUPPORTED, not_applied)       \
  X(TRANSACTION_FAILED, 4, TRANSACTION, maybe_applied)             \
  X(FLUSH_DISK_TIMEOUT, 10, FLUSH_TIMEOUT, applied)                \
  X(SLAVE_NOT_AVAILABLE, 11, BROKER_NOT_AVAILABLE, maybe_applied)  \
  X(FLUSH_SLAVE_TIMEOUT, 12, SLAVE_TIMEOUT, applied)               \
  X(MESSAGE_ILLEGAL, 13, BROKER_MESSAGE_ILLEGAL, not_applied)      \
  X(SERVICE_NOT_AVAILABLE, 14, SERVICE_NOT_AVAILABLE, not_applied) \
  X(VERSION_NOT_SUPPORTED, 15, UNSUPPORTED, not_applied)           \
  X(NO_PERMISSION, 16, NO_PERMISSION, not_applied)                 \
  X(TOPIC_NOT_EXIST, 17, TOPIC_MISSING, not_applied)               \
  X(TOPIC_EXIST_ALREADY, 18, BROKER, not_applied)                  \
  X(PULL_NOT_FOUND, 19, PULL_NOT_FOUND, not_applied)               \
  X(PULL_RETRY_IMMEDIATELY, 20, RETRY_IMMEDIATELY, not_applied)    \
  X(PULL_OFFSET_MOVED, 21, OFFSET_MOVED, not_applied)              \
  X(QUERY_NOT_FOUND, 22, NOT_FOUND, not_applied)                   \
  X(SUBSCRIPTION_PARSE_FAILED, 23, FILTER_REJECTED, not_applied)   \
  X(SUBSCRIPTION_NOT_EXIST, 24, SUBSCRIPTION_MISSING, not_applied) \
  X(SUBSCRIPTION_NOT_LATEST, 25, SUBSCRIPTION_STALE, not_applied)  \
  X(SUBSCRIPTION_GROUP_NOT_EXIST, 26, GROUP_MISSING, not_applied)  \
  X(FILTER_DATA_NOT_EXIST, 27, SUBSCRIPTION_MISSING, not_applied)  \
  X(FILTER_DATA_NOT_LATEST, 28, SUBSCRIPTION_STALE, not_applied)   \
  X(INVALID_PARAMETER, 29, BROKER, not_applied)                    \
  X(TRANSACTION_SHOULD_COMMIT, 200, BROKER, maybe_applied)         \
  X(TRANSACTION_SHOULD_ROLLBACK, 201, BROKER, maybe_applied)       \
  X(TRANSACTION_STATE_UNKNOW, 202, BROKER, maybe_applied)          \
  X(TRANSACTION_STATE_GROUP_WRONG, 203, BROKER, maybe_applied)     \
  X(NO_BUYER_ID, 204, BROKER, not_applied)                         \
  X(NOT_IN_CURRENT_UNIT, 205, BROKER, not_applied)                 \
  X(CONSUMER_NOT_ONLINE, 206, CONSUMER_OFFLINE, not_applied)       \
  X(CONSUME_MSG_TIMEOUT, 207, BROKER, maybe_applied)               \
  X(NO_MESSAGE, 208, NOT_FOUND, not_applied)                       \
  X(POLLING_FULL, 209, BROKER_BUSY, not_applied)                   \
  X(POLLING_TIMEOUT, 210, PULL_NOT_FOUND, not_applied)             \
  X(BROKER_NOT_EXIST, 211, BROKER_NOT_AVAILABLE, not_applied)      \
  X(BROADCAST_CONSUMPTION, 213, BROKER, not_applied)               \
  X(FLOW_CONTROL, 215, BROKER_BUSY, not_applied)                   \
  X(NOT_LEADER_FOR_QUEUE, 501, NOT_LEADER, not_applied)            \
  X(ILLEGAL_OPERATION, 604, BROKER, maybe_applied)                 \
  X(GO_AWAY, 1500, SERVER_LEAVING, not_applied)                    \
  X(USER_NOT_EXIST, 3001, BROKER, not_applied)                     \
  X(POLICY_NOT_EXIST, 3002, BROKER, not_applied)

enum class ResponseCode : std::int32_t {
#define RMQ_RESPONSE_CODE(name, number, error, proof) name = number,
  RMQ_RESPONSE_CODES(RMQ_RESPONSE_CODE)
#undef RMQ_RESPONSE_CODE
};

// "UNKNOWN" for a number that is not in the table.
std::string_view response_name(std::int32_t code);

// The error that a broker's answer becomes by its number alone; BROKER for those without one.
base::ErrorCode broker_error_of(std::int32_t code);

inline bool is_success(const wire::CommandView& response) {
  return response.code == static_cast<std::int32_t>(ResponseCode::SUCCESS);
}

// The error that a failed answer becomes, with what the answer proves as its outcome. A NameServer
// is asked questions only, so its answers have changed nothing. `request_code` and `address` go
// into the message; a caller that knows the topic or the group fills them in.
base::Error error_from_response(const wire::CommandView& response, base::ServerRole role,
                                std::int32_t request_code, std::string_view address);

}  // namespace rmq::protocol
