// Handles of the C ABI for C++ tests, and a client of one broker in one line.
#pragma once

#include <gtest/gtest.h>
#include <rocketmq_c.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/forked_child.h"

namespace rmq::test::abi {

template <auto destroy>
struct Destroy {
  template <typename Handle>
  void operator()(Handle* handle) const {
    destroy(handle);
  }
};
using Error = std::unique_ptr<rmq_error_t, Destroy<rmq_error_destroy>>;
using Config = std::unique_ptr<rmq_config_t, Destroy<rmq_config_destroy>>;
using Runtime = std::unique_ptr<rmq_runtime_t, Destroy<rmq_runtime_destroy>>;
using EventQueue = std::unique_ptr<rmq_event_queue_t, Destroy<rmq_event_queue_destroy>>;
using Event = std::unique_ptr<rmq_event_t, Destroy<rmq_event_destroy>>;
using Message = std::unique_ptr<rmq_message_t, Destroy<rmq_message_destroy>>;
using MessageList = std::unique_ptr<rmq_message_list_t, Destroy<rmq_message_list_destroy>>;
using Destination = std::unique_ptr<rmq_destination_t, Destroy<rmq_destination_destroy>>;
using Producer = std::unique_ptr<rmq_producer_t, Destroy<rmq_producer_destroy>>;
using PushConsumer = std::unique_ptr<rmq_consumer_t, Destroy<rmq_consumer_destroy>>;

using Options = std::vector<std::pair<std::string, std::string>>;
inline constexpr std::int64_t kLongMs =
    20'000;  // for what is to come; a test that waits it out fails

// For calls that take an error as their last argument: the code, and the message when it matters.
//   EXPECT_EQ(code_of([&](rmq_error_t** error) { return rmq_…(…, error); }), RMQ_OK);
template <typename Call>
std::int32_t code_of(Call call, std::string* message = nullptr) {
  rmq_error_t* error = nullptr;
  const std::int32_t code = call(&error);
  if (message) *message = rmq_error_message(error);
  EXPECT_EQ(rmq_error_code(error), code);
  rmq_error_destroy(error);
  return code;
}

inline Config make_config(const Options& options) {
  rmq_config_t* config = nullptr;
  EXPECT_EQ(rmq_config_new(nullptr, 0, &config, nullptr), RMQ_OK);
  for (const auto& [name, value] : options) {
    EXPECT_EQ(rmq_config_set(config, name.c_str(), SIZE_MAX, value.c_str(), SIZE_MAX, nullptr),
              RMQ_OK)
        << name;
  }
  return Config(config);
}

inline Runtime make_runtime(const Options& options = {}) {
  rmq_runtime_t* runtime = nullptr;
  EXPECT_EQ(rmq_runtime_new(make_config(options).get(), 0, nullptr, &runtime, nullptr), RMQ_OK);
  return Runtime(runtime);
}

inline EventQueue make_queue(rmq_runtime_t* runtime) {
  rmq_event_queue_t* queue = nullptr;
  EXPECT_EQ(rmq_event_queue_new(runtime, &queue, nullptr), RMQ_OK);
  return EventQueue(queue);
}

inline Producer make_producer(rmq_runtime_t* runtime, rmq_event_queue_t* queue = nullptr,
                              Options options = {}) {
  options.emplace_back("producer_group", "abi_tests");
  rmq_producer_t* producer = nullptr;
  EXPECT_EQ(
      rmq_producer_new(runtime, make_config(options).get(), queue, 0, nullptr, &producer, nullptr),
      RMQ_OK);
  return Producer(producer);
}

// Its deliveries carry token 7.
inline PushConsumer make_consumer(rmq_runtime_t* runtime, rmq_event_queue_t* queue = nullptr,
                                  Options options = {}) {
  options.emplace_back("consumer_group", "abi_tests");
  rmq_consumer_t* consumer = nullptr;
  EXPECT_EQ(rmq_consumer_new(runtime, RMQ_CONSUMER_PUSH_CONCURRENT, make_config(options).get(),
                             queue, nullptr, nullptr, 7, nullptr, &consumer, nullptr),
            RMQ_OK);
  return PushConsumer(consumer);
}

inline Destination make_destination(const std::string& address, std::int32_t queue_id = 0) {
  rmq_destination_t* destination = nullptr;
  EXPECT_EQ(rmq_destination_new(address.data(), address.size(), "broker-a", SIZE_MAX, queue_id,
                                &destination, nullptr),
            RMQ_OK);
  return Destination(destination);
}

inline Destination make_selected(std::int32_t selector, rmq_select_fn select = nullptr,
                                 void* user_data = nullptr) {
  rmq_destination_t* destination = nullptr;
  EXPECT_EQ(rmq_destination_new_selected(selector, select, user_data, &destination, nullptr),
            RMQ_OK);
  return Destination(destination);
}

inline Message make_message(const std::string& body = "hello", const char* topic = "orders") {
  rmq_message_t* message = nullptr;
  EXPECT_EQ(rmq_message_new(topic, SIZE_MAX, nullptr, 0, nullptr, 0, nullptr, 0, &message, nullptr),
            RMQ_OK);
  EXPECT_EQ(rmq_message_set_body(message, body.data(), body.size(), nullptr), RMQ_OK);
  return Message(message);
}

// A text of a view; empty when absent.
inline std::string text_of(const char* text) { return text ? text : ""; }

inline rmq_event_view_t view_of(rmq_event_t* event) {
  rmq_event_view_t view{};
  EXPECT_EQ(rmq_event_view(event, &view, sizeof view), RMQ_OK);
  return view;
}
inline rmq_event_view_t view_of(const Event& event) { return view_of(event.get()); }

inline std::int32_t threads_of(rmq_runtime_t* runtime) {
  rmq_runtime_view_t view{};
  EXPECT_EQ(rmq_runtime_view(runtime, &view, sizeof view), RMQ_OK);
  return view.threads;
}

// Takes one event; null when none came.
inline std::int32_t poll_one(rmq_event_queue_t* queue, std::int64_t timeout_ms, rmq_event_t** event,
                             rmq_error_t** error = nullptr) {
  rmq_event_view_t view{};
  std::size_t count = 0;
  const std::int32_t code =
      rmq_event_queue_poll(queue, timeout_ms, &view, sizeof view, 1, &count, error);
  *event = count == 1 ? view.event : nullptr;
  return code;
}

// Null when none came in time or the queue gave an error.
inline Event poll(rmq_event_queue_t* queue, std::int64_t timeout_ms = kLongMs) {
  rmq_event_t* event = nullptr;
  poll_one(queue, timeout_ms, &event, nullptr);
  return Event(event);
}

inline std::int32_t code_of(const Event& event) {
  rmq_event_view_t view{};
  return rmq_event_view(event.get(), &view, sizeof view) == RMQ_OK ? view.error_code : -1;
}

// Reads every byte that an event shows, for the sanitizers to judge.
inline std::size_t read_whole(rmq_event_t* event) {
  rmq_event_view_t view{};
  if (rmq_event_view(event, &view, sizeof view) != RMQ_OK) return 0;
  std::string all;
  const auto read = [&all](const char* text, std::size_t bytes) {
    if (text) all.append(text, bytes + 1);
  };
  read(view.message_id, view.message_id_bytes);
  read(view.error_message, view.error_message_bytes);
  read(view.topic, view.topic_bytes);
  rmq_send_result_view_t result{};
  if (rmq_event_send_result(event, &result, sizeof result) == RMQ_OK) {
    read(result.offset_message_id, result.offset_message_id_bytes);
    read(result.broker_name, result.broker_name_bytes);
    read(result.region_id, result.region_id_bytes);
    read(result.transaction_id, result.transaction_id_bytes);
    read(result.recall_handle, result.recall_handle_bytes);
  }
  rmq_error_view_t error{};
  if (view.error && rmq_error_view(view.error, &error, sizeof error) == RMQ_OK) {
    read(error.message, error.message_bytes);
    read(error.address, error.address_bytes);
    read(error.group, error.group_bytes);
  }
  return all.size();
}

// A started runtime and producer whose events go to `queue`, which outlives the runtime.
struct Client {
  explicit Client(const std::string& address, const Options& producer_options = {},
                  const Options& runtime_options = {})
      : runtime(make_runtime(runtime_options)),
        destination(make_destination(address)),
        message(make_message()) {
    EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    queue = make_queue(runtime.get());
    producer = make_producer(runtime.get(), queue.get(), producer_options);
    EXPECT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  }

  std::int32_t send(std::uint64_t token = 1, std::int64_t timeout_ms = kLongMs) {
    return code_of([&](rmq_error_t** error) {
      return rmq_producer_send_async(producer.get(), message.get(), destination.get(), 0,
                                     timeout_ms, token, nullptr, error);
    });
  }
  Event next(std::int64_t timeout_ms = kLongMs) { return poll(queue.get(), timeout_ms); }
  std::int32_t close(std::int64_t timeout_ms = kLongMs) {
    return rmq_runtime_close(runtime.get(), timeout_ms, nullptr);
  }

  Runtime runtime;
  EventQueue queue;
  Producer producer;
  Destination destination;
  Message message;
};

}  // namespace rmq::test::abi
