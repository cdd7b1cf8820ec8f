// Offsets of groups and of queues.
#include <fmt/format.h>

#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

Fields queue_fields(const std::string& topic, int queue_id = 0) {
  return {{"topic", topic}, {"queueId", std::to_string(queue_id)}};
}

wire::Command make_query(World& world, const std::string& group, const std::string& topic,
                         const char* set_zero = nullptr, int queue_id = 0) {
  Fields fields = queue_fields(topic, queue_id);
  fields.emplace_back("consumerGroup", group);
  if (set_zero) fields.emplace_back("setZeroIfNotFound", set_zero);
  return world.request(RequestCode::QUERY_CONSUMER_OFFSET, fields);
}

wire::Command make_update(World& world, const std::string& group, const std::string& topic,
                          long long offset, int queue_id = 0) {
  Fields fields = queue_fields(topic, queue_id);
  fields.emplace_back("consumerGroup", group);
  fields.emplace_back("commitOffset", std::to_string(offset));
  return world.request(RequestCode::UPDATE_CONSUMER_OFFSET, fields);
}

std::string fill(World& world, Connection& broker) {
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 2);
  for (int i = 0; i < 3; ++i) store(world, broker, {.topic = topic});
  world.need_until(
      broker,
      [&] { return make_pull(world, {.group = world.name("p"), .topic = topic, .offset = 2}); },
      [](const wire::Command& answer) { return answer.code == 0; });
  return topic;
}

// A group that the broker knows.
std::string join(World& world, Connection& broker, const std::string& topic) {
  const std::string group = world.name("g");
  world.need(
      broker,
      make_heartbeat(world, {.client_id = world.client_id("c"), .group = group, .topic = topic}));
  return group;
}

void none_stored(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = fill(world, broker);
  const std::string group = join(world, broker, topic);
  for (const char* set_zero : {"true", "false", static_cast<const char*>(nullptr)}) {
    const std::string suffix = set_zero ? std::string(", set zero ") + set_zero : "";
    world.ask(broker, "young queue" + suffix, make_query(world, group, topic, set_zero));
    world.ask(broker, "empty queue" + suffix, make_query(world, group, topic, set_zero, 1));
  }
  world.ask(broker, "no such queue", make_query(world, group, topic, nullptr, 7));
  world.ask(broker, "no such topic", make_query(world, group, world.name("missing")));
  world.ask(broker, "no such group", make_query(world, world.name("nobody"), topic));
}

void updated(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = fill(world, broker);
  const std::string group = join(world, broker, topic);
  for (const long long offset : {2LL, 1LL, 999LL, 0LL, -1LL}) {
    world.ask(broker, fmt::format("update {}", offset), make_update(world, group, topic, offset));
    world.ask(broker, "query", make_query(world, group, topic));
    world.ask(broker, "query, not zero", make_query(world, group, topic, "false"));
  }
}

void updated_beside(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = fill(world, broker);
  const std::string group = join(world, broker, topic);
  world.ask(broker, "unknown group", make_update(world, world.name("nobody"), topic, 2));
  world.ask(broker, "its offset", make_query(world, world.name("nobody"), topic));
  world.ask(broker, "unknown topic", make_update(world, group, world.name("missing"), 2));
  world.ask(broker, "its offset", make_query(world, group, world.name("missing")));
  for (const int queue : {7, -1}) {
    world.ask(broker, fmt::format("queue {}", queue), make_update(world, group, topic, 2, queue));
    world.ask(broker, "its offset", make_query(world, group, topic, nullptr, queue));
  }
}

void of_queues(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = fill(world, broker);
  struct Place {
    const char* name;
    std::string topic;
    int queue_id;
  };
  const Place places[] = {{"three messages", topic, 0},
                          {"empty", topic, 1},
                          {"no such queue", topic, 9},
                          {"negative", topic, -1},
                          {"no such topic", world.name("missing"), 0}};
  for (const Place& place : places) {
    const Fields fields = queue_fields(place.topic, place.queue_id);
    const std::string in = std::string(", ") + place.name;
    world.ask(broker, "max" + in, world.request(RequestCode::GET_MAX_OFFSET, fields));
    world.ask(broker, "min" + in, world.request(RequestCode::GET_MIN_OFFSET, fields));
    world.ask(broker, "earliest" + in,
              world.request(RequestCode::GET_EARLIEST_MSG_STORETIME, fields));
  }
}

void by_time(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = fill(world, broker);
  for (const int queue : {0, 1, 9}) {
    for (const char* time : {"0", "-1", "1500000000000", "9000000000000"}) {
      for (const char* boundary : {"", "LOWER", "UPPER", "lower", "upper"}) {
        Fields fields = queue_fields(topic, queue);
        fields.emplace_back("timestamp", time);
        if (*boundary != '\0') fields.emplace_back("boundaryType", boundary);
        world.ask(broker, fmt::format("queue {} at {} {}", queue, time, boundary),
                  world.request(RequestCode::SEARCH_OFFSET_BY_TIMESTAMP, fields));
      }
    }
  }
  Fields fields = queue_fields(topic);
  fields.emplace_back("timestamp", "0");
  fields.emplace_back("boundaryType", "SIDEWAYS");
  world.ask(broker, "unknown boundary",
            world.request(RequestCode::SEARCH_OFFSET_BY_TIMESTAMP, fields));
}

constexpr Case kCases[] = {
    {"offset.none_stored", none_stored},
    {"offset.updated", updated},
    {"offset.updated_beside", updated_beside},
    {"offset.of_queues", of_queues},
    {"offset.by_time", by_time},
};

}  // namespace

std::span<const Case> offset_cases() { return kCases; }

}  // namespace rmq::conformance
