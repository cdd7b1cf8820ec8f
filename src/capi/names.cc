#include <cstddef>
#include <span>

#include "base/error.h"
#include "protocol/response_code.h"
#include "rocketmq_c.h"

namespace {

using rmq::base::ErrorCode;

struct Name {
  int32_t value;
  const char* name;
  const char* sentence;
};

constexpr Name kUnknown = {0, "UNKNOWN", "a number that this version of the library does not know"};

constexpr Name kCategories[] = {
    {RMQ_CATEGORY_NONE, "NONE", "no error"},
    {RMQ_CATEGORY_ARGUMENT, "ARGUMENT", "an argument of the call is wrong"},
    {RMQ_CATEGORY_CONFIGURATION, "CONFIGURATION", "an option is wrong"},
    {RMQ_CATEGORY_STATE, "STATE", "the object is not in a state for this call"},
    {RMQ_CATEGORY_NETWORK, "NETWORK", "the network or a connection failed"},
    {RMQ_CATEGORY_TIMEOUT, "TIMEOUT", "a time limit or a bound was reached"},
    {RMQ_CATEGORY_PROTOCOL, "PROTOCOL", "a server said what cannot be read, or cannot do this"},
    {RMQ_CATEGORY_NAMESERVER, "NAMESERVER", "a NameServer is missing or has no answer"},
    {RMQ_CATEGORY_BROKER, "BROKER", "a broker refused"},
    {RMQ_CATEGORY_PULL, "PULL", "a pull gave no message"},
    {RMQ_CATEGORY_OFFSET, "OFFSET", "an offset is missing or wrong"},
    {RMQ_CATEGORY_TRANSACTION, "TRANSACTION", "a transaction failed"},
    {RMQ_CATEGORY_PRODUCER, "PRODUCER", "the producer failed"},
    {RMQ_CATEGORY_CONSUMER, "CONSUMER", "the consumer failed"},
    {RMQ_CATEGORY_SUBSCRIPTION, "SUBSCRIPTION", "a subscription is wrong"},
    {RMQ_CATEGORY_REBALANCE, "REBALANCE", "the queues could not be divided"},
    {RMQ_CATEGORY_LISTENER, "LISTENER", "the listener failed"},
    {RMQ_CATEGORY_RESOURCE, "RESOURCE", "the process or the host lacks something"},
    {RMQ_CATEGORY_SHUTDOWN, "SHUTDOWN", "the object was closed or the operation cancelled"},
    {RMQ_CATEGORY_INTERNAL, "INTERNAL", "the library broke one of its own rules"},
};

constexpr Name kOutcomes[] = {
    {RMQ_OUTCOME_NOT_APPLIED, "NOT_APPLIED", "the server has not done the operation"},
    {RMQ_OUTCOME_MAYBE_APPLIED, "MAYBE_APPLIED", "the server may have done the operation"},
    {RMQ_OUTCOME_APPLIED, "APPLIED", "the server has done the operation"},
};

constexpr Name kServerRoles[] = {
    {RMQ_SERVER_NONE, "NONE", "no server"},
    {RMQ_SERVER_NAMESERVER, "NAMESERVER", "a NameServer"},
    {RMQ_SERVER_BROKER, "BROKER", "a broker"},
    {RMQ_SERVER_PROXY, "PROXY", "a proxy"},
};

constexpr Name kEventTypes[] = {
    {RMQ_EVENT_SEND, "SEND", "a send has ended"},
    {RMQ_EVENT_CLOSED, "CLOSED", "a close has ended"},
    {RMQ_EVENT_FLUSHED, "FLUSHED", "a flush has ended"},
    {RMQ_EVENT_LOG, "LOG", "a log line"},
    {RMQ_EVENT_RESOLVE, "RESOLVE", "a question for the addresses of a host"},
    {RMQ_EVENT_DELIVERY, "DELIVERY", "messages for a consumer"},
    {RMQ_EVENT_RESULT, "RESULT", "a call that asks servers has ended"},
    {RMQ_EVENT_ERROR, "ERROR", "something goes wrong in the background"},
    {RMQ_EVENT_TRANSACTION_CHECK, "TRANSACTION_CHECK", "a broker asks how a transaction ends"},
};

constexpr Name kAnswers[] = {
    {RMQ_ANSWER_NONE, "NONE", "nothing is said"},
    {RMQ_ANSWER_RECONSUME_LATER, "RECONSUME_LATER", "the messages are to come again later"},
    {RMQ_ANSWER_SUCCESS, "SUCCESS", "the messages are consumed"},
    {RMQ_ANSWER_RETURN, "RETURN", "the messages were not looked at"},
    {RMQ_ANSWER_COMMIT, "COMMIT", "the transaction is committed"},
    {RMQ_ANSWER_ROLLBACK, "ROLLBACK", "the transaction is rolled back"},
    {RMQ_ANSWER_UNKNOWN, "UNKNOWN", "how the transaction ends is not known yet"},
};

constexpr Name kSendStatuses[] = {
    {RMQ_SEND_NONE, "NONE", "no send, or a failed one"},
    {RMQ_SEND_OK, "OK", "stored"},
    {RMQ_SEND_FLUSH_DISK_TIMEOUT, "FLUSH_DISK_TIMEOUT", "stored, not yet flushed to disk"},
    {RMQ_SEND_SLAVE_NOT_AVAILABLE, "SLAVE_NOT_AVAILABLE", "stored, and no slave is there"},
    {RMQ_SEND_FLUSH_SLAVE_TIMEOUT, "FLUSH_SLAVE_TIMEOUT", "stored, not yet replicated"},
    {RMQ_SEND_WRITTEN, "WRITTEN", "one-way: every byte is with the kernel"},
};

constexpr Name kLogLevels[] = {
    {RMQ_LOG_OFF, "OFF", "no lines"},         {RMQ_LOG_ERROR, "ERROR", "what failed"},
    {RMQ_LOG_WARN, "WARN", "what may fail"},  {RMQ_LOG_INFO, "INFO", "what changes"},
    {RMQ_LOG_DEBUG, "DEBUG", "all there is"},
};

const Name& find(std::span<const Name> names, int32_t value) {
  for (const Name& name : names) {
    if (name.value == value) return name;
  }
  return kUnknown;
}

Name find_error(int32_t code) {
  const auto& info = rmq::base::error_code_info(static_cast<ErrorCode>(code));
  if (static_cast<int32_t>(info.code) != code) return kUnknown;
  return {code, info.name.data(), info.sentence.data()};
}

// What an answer means is what the error says that it becomes.
Name find_response_code(int32_t code) {
  const std::string_view name = rmq::protocol::response_name(code);
  if (name == kUnknown.name) return kUnknown;
  const ErrorCode becomes = rmq::protocol::broker_error_of(code);
  return {code, name.data(), rmq::base::error_code_info(becomes).sentence.data()};
}

Name find(int32_t group, int32_t value) {
  switch (group) {
    case RMQ_NAME_ERROR:
      return find_error(value);
    case RMQ_NAME_CATEGORY:
      return find(kCategories, value);
    case RMQ_NAME_OUTCOME:
      return find(kOutcomes, value);
    case RMQ_NAME_SERVER_ROLE:
      return find(kServerRoles, value);
    case RMQ_NAME_EVENT_TYPE:
      return find(kEventTypes, value);
    case RMQ_NAME_ANSWER:
      return find(kAnswers, value);
    case RMQ_NAME_SEND_STATUS:
      return find(kSendStatuses, value);
    case RMQ_NAME_LOG_LEVEL:
      return find(kLogLevels, value);
    case RMQ_NAME_RESPONSE_CODE:
      return find_response_code(value);
    default:
      return kUnknown;
  }
}

}  // namespace

const char* rmq_name(int32_t group, int32_t value) { return find(group, value).name; }

const char* rmq_sentence(int32_t group, int32_t value) { return find(group, value).sentence; }
