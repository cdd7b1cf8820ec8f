// Our clients of a whole cluster, as a user has them: they know its NameServer only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/abi/support.h"
#include "tests/integration/servers.h"

namespace rmq::test {

// What a delivery showed of a message.
struct Received {
  std::string message_id;
  std::string topic;
  std::string body;
  std::string keys;
  std::string tags;
  std::map<std::string, std::string> properties;
  std::int64_t queue_offset = -1;
  std::int64_t store_timestamp_ms = 0;
  int reconsume_times = -1;
  int error_code = 0;
};

// Where a delivery came from.
struct Origin {
  std::string topic;
  std::string queue;  // "broker-a:3"
  std::int64_t first_offset = -1;
};

std::vector<Received> messages_of(const abi::Event& delivery);
std::multiset<std::string> bodies_of(const std::vector<Received>& messages);
Origin origin_of(const abi::Event& delivery);
std::int32_t answer(const abi::Event& delivery, std::int32_t with = RMQ_ANSWER_SUCCESS,
                    std::int32_t delay_level = RMQ_DELAY_BY_COUNT);

// A started runtime whose client id begins with 127.0.0.1; `options` win over those of the cluster.
abi::Runtime start_runtime(const Servers& servers, const abi::Options& options = {});

// A producer on a runtime of its own.
struct RoutedProducer {
  explicit RoutedProducer(const Servers& servers, const abi::Options& options = {},
                          const abi::Options& runtime_options = {});
  // Waits; null, and a failure of the test, when no broker stored it.
  abi::Event send(const rmq_message_t* message);
  // The message of a topic that has this body and nothing else.
  abi::Event send(const std::string& topic, const std::string& body);

  abi::Runtime runtime;
  abi::EventQueue events;
  abi::Producer producer;
};

// Which messages a member wants.
struct Filter {
  std::int32_t type = RMQ_EXPRESSION_TAG;
  std::string expression = "*";
};

// A member of a group on a runtime of its own: begins with the first message, asks for routes
// every second.
struct GroupMember {
  GroupMember(const Servers& servers, const std::string& topic, const std::string& group,
              const abi::Options& options = {}, const abi::Options& runtime_options = {},
              const Filter& filter = {});
  // The next delivery; null when none came in time. What error events say goes to `errors`.
  abi::Event next(std::int64_t timeout_ms = abi::kLongMs);
  // Takes and answers this many messages, and those that come within two seconds after the last.
  std::vector<Received> consume(std::size_t expected);
  // The code of the next event, which has to be an error event; RMQ_OK when none came in time.
  std::int32_t next_error(std::int64_t timeout_ms = abi::kLongMs);
  std::int32_t close(std::int64_t timeout_ms = abi::kLongMs) {
    return rmq_consumer_close(consumer.get(), timeout_ms, nullptr);
  }

  abi::Runtime runtime;
  abi::EventQueue events;
  abi::PushConsumer consumer;
  std::vector<std::int32_t> errors;
};

abi::Message make_message(const std::string& topic, const std::string& body);

}  // namespace rmq::test
