#include "tests/integration/routed_clients.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace rmq::test {
namespace {

std::string text(const char* bytes, std::size_t count) {
  return bytes ? std::string(bytes, count) : std::string();
}

Received received(const rmq_message_view_t& view) {
  Received message;
  message.message_id = text(view.message_id, view.message_id_bytes);
  message.topic = text(view.topic, view.topic_bytes);
  message.body = text(static_cast<const char*>(view.body), view.body_bytes);
  message.keys = text(view.keys, view.keys_bytes);
  message.tags = text(view.tags, view.tags_bytes);
  std::vector<rmq_property_view_t> properties(static_cast<std::size_t>(view.property_count));
  EXPECT_EQ(rmq_message_properties(view.message, 0, properties.data(), sizeof properties[0],
                                   properties.size()),
            properties.size());
  for (const rmq_property_view_t& property : properties) {
    message.properties[text(property.name, property.name_bytes)] =
        text(property.value, property.value_bytes);
  }
  message.queue_offset = view.queue_offset;
  message.store_timestamp_ms = view.store_timestamp_ms;
  message.reconsume_times = view.reconsume_times;
  message.error_code = view.error_code;
  return message;
}

}  // namespace

std::vector<Received> messages_of(const abi::Event& delivery) {
  std::vector<Received> messages;
  rmq_message_view_t view{};
  while (rmq_event_messages(delivery.get(), messages.size(), &view, sizeof view, 1) == 1) {
    messages.push_back(received(view));
  }
  return messages;
}

std::multiset<std::string> bodies_of(const std::vector<Received>& messages) {
  std::multiset<std::string> bodies;
  for (const Received& message : messages) bodies.insert(message.body);
  return bodies;
}

Origin origin_of(const abi::Event& delivery) {
  rmq_delivery_view_t view{};
  EXPECT_EQ(rmq_event_delivery(delivery.get(), &view, sizeof view), RMQ_OK);
  return {text(view.topic, view.topic_bytes),
          text(view.broker_name, view.broker_name_bytes) + ":" + std::to_string(view.queue_id),
          view.first_queue_offset};
}

std::int32_t answer(const abi::Event& delivery, std::int32_t with, std::int32_t delay_level) {
  return abi::code_of([&](rmq_error_t** error) {
    return rmq_event_answer(delivery.get(), with, delay_level, error);
  });
}

abi::Runtime start_runtime(const Servers& servers, const abi::Options& options) {
  abi::Options all = {{"namesrv_addr", servers.namesrv_address()},
                      {"client_ip", "127.0.0.1"},
                      {"poll_name_server_interval", "1s"}};
  all.insert(all.end(), options.begin(), options.end());
  abi::Runtime runtime = abi::make_runtime(all);
  EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  return runtime;
}

RoutedProducer::RoutedProducer(const Servers& servers, const abi::Options& options,
                               const abi::Options& runtime_options)
    : runtime(start_runtime(servers, runtime_options)),
      events(abi::make_queue(runtime.get())),
      producer(abi::make_producer(runtime.get(), events.get(), options)) {
  EXPECT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
}

abi::Event RoutedProducer::send(const rmq_message_t* message) {
  rmq_event_t* event = nullptr;
  std::string words;
  const std::int32_t code = abi::code_of(
      [&](rmq_error_t** error) {
        return rmq_producer_send(producer.get(), message, nullptr, 0, abi::kLongMs, &event, error);
      },
      &words);
  EXPECT_EQ(code, RMQ_OK) << words;
  return abi::Event(event);
}

abi::Event RoutedProducer::send(const std::string& topic, const std::string& body) {
  return send(make_message(topic, body).get());
}

GroupMember::GroupMember(const Servers& servers, const std::string& topic, const std::string& group,
                         const abi::Options& options, const abi::Options& runtime_options,
                         const Filter& filter)
    : runtime(start_runtime(servers, runtime_options)), events(abi::make_queue(runtime.get())) {
  abi::Options all = {{"consumer_group", group}, {"consume_from_where", "first"}};
  all.insert(all.end(), options.begin(), options.end());
  rmq_consumer_t* made = nullptr;
  EXPECT_EQ(
      rmq_consumer_new(runtime.get(), RMQ_CONSUMER_PUSH_CONCURRENT, abi::make_config(all).get(),
                       events.get(), nullptr, nullptr, 0, nullptr, &made, nullptr),
      RMQ_OK);
  consumer.reset(made);
  EXPECT_EQ(rmq_consumer_subscribe(made, topic.data(), topic.size(), filter.type,
                                   filter.expression.data(), filter.expression.size(), nullptr),
            RMQ_OK);
  EXPECT_EQ(rmq_consumer_start(made, nullptr), RMQ_OK);
}

abi::Event GroupMember::next(std::int64_t timeout_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    abi::Event event = abi::poll(events.get(), std::max<std::int64_t>(left.count(), 0));
    if (!event || view_of(event).event_type != RMQ_EVENT_ERROR) return event;
    std::printf("told: %s\n", rmq_error_message(view_of(event).error));
    errors.push_back(abi::code_of(event));
  }
}

std::vector<Received> GroupMember::consume(std::size_t expected) {
  constexpr std::int64_t kQuietMs = 2000;  // after the last expected message, for one too many
  std::vector<Received> messages;
  while (const abi::Event delivery = next(messages.size() < expected ? abi::kLongMs : kQuietMs)) {
    for (Received& message : messages_of(delivery)) messages.push_back(std::move(message));
    EXPECT_EQ(answer(delivery), RMQ_OK);
  }
  return messages;
}

std::int32_t GroupMember::next_error(std::int64_t timeout_ms) {
  const abi::Event event = abi::poll(events.get(), timeout_ms);
  if (!event) return RMQ_OK;
  EXPECT_EQ(view_of(event).event_type, RMQ_EVENT_ERROR);
  return abi::code_of(event);
}

abi::Message make_message(const std::string& topic, const std::string& body) {
  rmq_message_t* message = nullptr;
  EXPECT_EQ(rmq_message_new(topic.data(), topic.size(), nullptr, 0, nullptr, 0, nullptr, 0,
                            &message, nullptr),
            RMQ_OK);
  EXPECT_EQ(rmq_message_set_body(message, body.data(), body.size(), nullptr), RMQ_OK);
  return abi::Message(message);
}

}  // namespace rmq::test
