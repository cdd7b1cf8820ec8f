// Requests whose header fields are missing or are no numbers.
#include <algorithm>

#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

// Asks without each of the fields, and with each of the numbers as a word.
void ask_all(World& world, Connection& broker, RequestCode code, const Fields& fields,
             const std::string& body = "") {
  const std::string name = std::string(protocol::request_name(code)) + " ";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Fields changed = fields;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    world.ask(broker, name + "without " + fields[i].first, world.request(code, changed, body));
    const std::string& value = fields[i].second;
    const bool is_number = !value.empty() && value.find_first_not_of("-0123456789") == value.npos;
    if (!is_number) continue;
    for (const char* word : {"x", "99999999999999999999", "1.5"}) {
      changed = fields;
      changed[i].second = word;
      world.ask(broker, name + fields[i].first + "=" + word, world.request(code, changed, body));
    }
  }
}

template <typename Make>
void with_topic(World& world, RequestCode code, const Make& make_fields,
                const std::string& body = "") {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  ask_all(world, broker, code, make_fields(topic), body);
}

void of_send_v1(World& world) {
  const auto make = [](const std::string& topic) {
    return send_v1_fields({.topic = topic, .max_reconsume_times = 16});
  };
  with_topic(world, RequestCode::SEND_MESSAGE, make, "body");
}

void of_send_v2(World& world) {
  const auto make = [](const std::string& topic) {
    return send_v2_fields({.topic = topic, .max_reconsume_times = 16});
  };
  with_topic(world, RequestCode::SEND_MESSAGE_V2, make, "body");
}

void of_pull(World& world) {
  with_topic(world, RequestCode::PULL_MESSAGE, [&](const std::string& topic) {
    return pull_fields({.group = world.name("g"), .topic = topic, .message_bytes_max = 1000});
  });
}

void of_queues(World& world) {
  for (const RequestCode code : {RequestCode::GET_MAX_OFFSET, RequestCode::GET_MIN_OFFSET,
                                 RequestCode::GET_EARLIEST_MSG_STORETIME}) {
    with_topic(world, code, [](const std::string& topic) {
      return Fields{{"topic", topic}, {"queueId", "0"}};
    });
  }
  with_topic(world, RequestCode::SEARCH_OFFSET_BY_TIMESTAMP, [](const std::string& topic) {
    return Fields{{"topic", topic}, {"queueId", "0"}, {"timestamp", "0"}};
  });
}

void of_offsets(World& world) {
  with_topic(world, RequestCode::QUERY_CONSUMER_OFFSET, [&](const std::string& topic) {
    return Fields{{"consumerGroup", world.name("g")}, {"topic", topic}, {"queueId", "0"}};
  });
  with_topic(world, RequestCode::UPDATE_CONSUMER_OFFSET, [&](const std::string& topic) {
    return Fields{{"consumerGroup", world.name("g")},
                  {"topic", topic},
                  {"queueId", "0"},
                  {"commitOffset", "0"}};
  });
}

void of_send_back(World& world) {
  with_topic(world, RequestCode::CONSUMER_SEND_MSG_BACK, [&](const std::string& topic) {
    return Fields{
        {"offset", "9000000000000000"}, {"group", world.name("g")}, {"delayLevel", "0"},
        {"originMsgId", "x"},           {"originTopic", topic},     {"maxReconsumeTimes", "16"}};
  });
}

void of_groups(World& world) {
  Connection broker(world.target().broker);
  ask_all(world, broker, RequestCode::GET_CONSUMER_LIST_BY_GROUP,
          {{"consumerGroup", world.name("g")}});
  ask_all(world, broker, RequestCode::UNREGISTER_CLIENT,
          {{"clientID", world.client_id("c")}, {"consumerGroup", world.name("g")}});
}

constexpr Case kCases[] = {
    {"bad_field.of_send_v1", of_send_v1}, {"bad_field.of_send_v2", of_send_v2},
    {"bad_field.of_pull", of_pull},       {"bad_field.of_queues", of_queues},
    {"bad_field.of_offsets", of_offsets}, {"bad_field.of_send_back", of_send_back},
    {"bad_field.of_groups", of_groups},
};

}  // namespace

std::span<const Case> bad_field_cases() { return kCases; }

}  // namespace rmq::conformance
