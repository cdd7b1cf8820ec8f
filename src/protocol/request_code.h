// Numbers of requests (protocol.md section 5), named as the servers name them. A new request is one
// line in the table and one small header of its own.
#pragma once

#include <cstdint>
#include <string_view>

namespace rmq::protocol {

#define RMQ_REQUEST_CODES(X)                   \
  X(SEND_MESSAGE, 10)                          \
  X(PULL_MESSAGE, 11)                          \
  X(QUERY_MESSAGE, 12)                         \
  X(QUERY_CONSUMER_OFFSET, 14)                 \
  X(UPDATE_CONSUMER_OFFSET, 15)                \
  X(UPDATE_AND_CREATE_TOPIC, 17)               \
  X(SEARCH_OFFSET_BY_TIMESTAMP, 29)            \
  X(GET_MAX_OFFSET, 30)                        \
  X(GET_MIN_OFFSET, 31)                        \
  X(GET_EARLIEST_MSG_STORETIME, 32)            \
  X(VIEW_MESSAGE_BY_ID, 33)                    \
  X(HEART_BEAT, 34)                            \
  X(UNREGISTER_CLIENT, 35)                     \
  X(CONSUMER_SEND_MSG_BACK, 36)                \
  X(END_TRANSACTION, 37)                       \
  X(GET_CONSUMER_LIST_BY_GROUP, 38)            \
  X(CHECK_TRANSACTION_STATE, 39)               \
  X(NOTIFY_CONSUMER_IDS_CHANGED, 40)           \
  X(LOCK_BATCH_MQ, 41)                         \
  X(UNLOCK_BATCH_MQ, 42)                       \
  X(CHECK_CLIENT_CONFIG, 46)                   \
  X(PUT_KV_CONFIG, 100)                        \
  X(GET_KV_CONFIG, 101)                        \
  X(DELETE_KV_CONFIG, 102)                     \
  X(GET_ROUTEINFO_BY_TOPIC, 105)               \
  X(GET_BROKER_CLUSTER_INFO, 106)              \
  X(UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, 200)  \
  X(GET_TOPIC_STATS_INFO, 202)                 \
  X(GET_CONSUMER_CONNECTION_LIST, 203)         \
  X(GET_PRODUCER_CONNECTION_LIST, 204)         \
  X(GET_ALL_TOPIC_LIST_FROM_NAMESERVER, 206)   \
  X(DELETE_SUBSCRIPTIONGROUP, 207)             \
  X(GET_CONSUME_STATS, 208)                    \
  X(DELETE_TOPIC_IN_BROKER, 215)               \
  X(DELETE_TOPIC_IN_NAMESRV, 216)              \
  X(GET_KVLIST_BY_NAMESPACE, 219)              \
  X(RESET_CONSUMER_CLIENT_OFFSET, 220)         \
  X(GET_CONSUMER_STATUS_FROM_CLIENT, 221)      \
  X(INVOKE_BROKER_TO_RESET_OFFSET, 222)        \
  X(INVOKE_BROKER_TO_GET_CONSUMER_STATUS, 223) \
  X(GET_CONSUMER_RUNNING_INFO, 307)            \
  X(CONSUME_MESSAGE_DIRECTLY, 309)             \
  X(SEND_MESSAGE_V2, 310)                      \
  X(SEND_BATCH_MESSAGE, 320)                   \
  X(SEND_REPLY_MESSAGE, 324)                   \
  X(SEND_REPLY_MESSAGE_V2, 325)                \
  X(PUSH_REPLY_MESSAGE_TO_CLIENT, 326)         \
  X(GET_TOPIC_CONFIG, 351)                     \
  X(LITE_PULL_MESSAGE, 361)                    \
  X(RECALL_MESSAGE, 370)                       \
  X(QUERY_ASSIGNMENT, 400)                     \
  X(SET_MESSAGE_REQUEST_MODE, 401)             \
  X(POP_MESSAGE, 200050)                       \
  X(ACK_MESSAGE, 200051)                       \
  X(CHANGE_MESSAGE_INVISIBLETIME, 200053)      \
  X(NOTIFICATION, 200054)                      \
  X(POLLING_INFO, 200055)                      \
  X(BATCH_ACK_MESSAGE, 200151)

enum class RequestCode : std::int32_t {
#define RMQ_REQUEST_CODE(name, number) name = number,
  RMQ_REQUEST_CODES(RMQ_REQUEST_CODE)
#undef RMQ_REQUEST_CODE
};

// "UNKNOWN" for a number that is not in the table.
std::string_view request_name(std::int32_t code);
inline std::string_view request_name(RequestCode code) {
  return request_name(static_cast<std::int32_t>(code));
}

}  // namespace rmq::protocol
