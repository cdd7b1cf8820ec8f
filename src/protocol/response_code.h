// Numbers of answers (protocol.md section 4) and the error that each becomes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "wire/command.h"

namespace rmq::protocol {

// X(name, number, the error code that it becomes when a broker answers it)
#define RMQ_RESPONSE_CODES(X)                         \
  X(SUCCESS, 0, OK)                                   \
  X(SYSTEM_ERROR, 1, BROKER_SYSTEM)                   \
  X(SYSTEM_BUSY, 2, BROKER_BUSY)                      \
  X(REQUEST_CODE_NOT_SUPPORTED, 3, UNSUPPORTED)       \
  X(TRANSACTION_FAILED, 4, TRANSACTION)               \
  X(FLUSH_DISK_TIMEOUT, 10, FLUSH_TIMEOUT)            \
  X(SLAVE_NOT_AVAILABLE, 11, BROKER_NOT_AVAILABLE)    \
  X(FLUSH_SLAVE_TIMEOUT, 12, SLAVE_TIMEOUT)           \
  X(MESSAGE_ILLEGAL, 13, BROKER_MESSAGE_ILLEGAL)      \
  X(SERVICE_NOT_AVAILABLE, 14, SERVICE_NOT_AVAILABLE) \
  X(VERSION_NOT_SUPPORTED, 15, UNSUPPORTED)           \
  X(NO_PERMISSION, 16, NO_PERMISSION)                 \
  X(TOPIC_NOT_EXIST, 17, TOPIC_MISSING)               \
  X(TOPIC_EXIST_ALREADY, 18, BROKER)                  \
  X(PULL_NOT_FOUND, 19, PULL_NOT_FOUND)               \
  X(PULL_RETRY_IMMEDIATELY, 20, RETRY_IMMEDIATELY)    \
  X(PULL_OFFSET_MOVED, 21, OFFSET_MOVED)              \
  X(QUERY_NOT_FOUND, 22, NOT_FOUND)                   \
  X(SUBSCRIPTION_PARSE_FAILED, 23, FILTER_REJECTED)   \
  X(SUBSCRIPTION_NOT_EXIST, 24, SUBSCRIPTION_MISSING) \
  X(SUBSCRIPTION_NOT_LATEST, 25, SUBSCRIPTION_STALE)  \
  X(SUBSCRIPTION_GROUP_NOT_EXIST, 26, GROUP_MISSING)  \
  X(FILTER_DATA_NOT_EXIST, 27, SUBSCRIPTION_MISSING)  \
  X(FILTER_DATA_NOT_LATEST, 28, SUBSCRIPTION_STALE)   \
  X(INVALID_PARAMETER, 29, BROKER)                    \
  X(TRANSACTION_SHOULD_COMMIT, 200, BROKER)           \
  X(TRANSACTION_SHOULD_ROLLBACK, 201, BROKER)         \
  X(TRANSACTION_STATE_UNKNOW, 202, BROKER)            \
  X(TRANSACTION_STATE_GROUP_WRONG, 203, BROKER)       \
  X(NO_BUYER_ID, 204, BROKER)                         \
  X(NOT_IN_CURRENT_UNIT, 205, BROKER)                 \
  X(CONSUMER_NOT_ONLINE, 206, NOT_FOUND)              \
  X(CONSUME_MSG_TIMEOUT, 207, BROKER)                 \
  X(NO_MESSAGE, 208, NOT_FOUND)                       \
  X(POLLING_FULL, 209, BROKER_BUSY)                   \
  X(POLLING_TIMEOUT, 210, PULL_NOT_FOUND)             \
  X(BROKER_NOT_EXIST, 211, BROKER_NOT_AVAILABLE)      \
  X(BROADCAST_CONSUMPTION, 213, BROKER)               \
  X(FLOW_CONTROL, 215, BROKER_BUSY)                   \
  X(NOT_LEADER_FOR_QUEUE, 501, NOT_LEADER)            \
  X(ILLEGAL_OPERATION, 604, BROKER)                   \
  X(GO_AWAY, 1500, SERVER_LEAVING)                    \
  X(USER_NOT_EXIST, 3001, BROKER)                     \
  X(POLICY_NOT_EXIST, 3002, BROKER)

enum class ResponseCode : std::int32_t {
#define RMQ_RESPONSE_CODE(name, number, error) name = number,
  RMQ_RESPONSE_CODES(RMQ_RESPONSE_CODE)
#undef RMQ_RESPONSE_CODE
};

// "UNKNOWN" for a number that is not in the table.
std::string_view response_name(std::int32_t code);

inline bool is_success(const wire::CommandView& response) {
  return response.code == static_cast<std::int32_t>(ResponseCode::SUCCESS);
}

// The error that a failed answer becomes. `request_code` and `address` go into the message. A
// caller that knows the topic, the group or what the attempt did fills them in.
base::Error error_from_response(const wire::CommandView& response, base::ServerRole role,
                                std::int32_t request_code, std::string_view address);

}  // namespace rmq::protocol
