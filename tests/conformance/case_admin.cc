// What operators' tools ask for.
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

void topic(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  world.ask(broker, "made", make_topic(world, topic, 3, 6));
  world.ask(broker, "changed", make_topic(world, topic, 5, 6));
  world.ask(broker, "the same", make_topic(world, topic, 5, 6));
  world.ask(broker, "the last queue", make_send(world, {.topic = topic, .queue_id = 4}));
  world.ask(broker, "illegal name", make_topic(world, "no topic!", 1, 6));
  world.ask(broker, "name of the system", make_topic(world, "SCHEDULE_TOPIC_XXXX", 1, 6));
  world.ask(broker, "name of the cluster", make_topic(world, "DefaultCluster", 1, 6));
}

void configuration_of_a_topic(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 3, kReadable);
  const auto ask = [&](const char* step, const Fields& fields) {
    world.ask(broker, step, world.request(RequestCode::GET_TOPIC_CONFIG, fields));
  };
  ask("there", {{"topic", topic}});
  ask("missing", {{"topic", world.name("missing")}});
  ask("no field", {});
}

void statistics_of_a_topic(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 2);
  const auto ask = [&](const char* step, const std::string& of) {
    world.ask(broker, step, world.request(RequestCode::GET_TOPIC_STATS_INFO, {{"topic", of}}));
  };
  ask("empty", topic);
  ask("missing", world.name("missing"));
}

void statistics_of_a_group(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  const std::string group = world.name("g");
  create_topic(world, broker, topic, 2);
  const Fields fields{{"consumerGroup", group}, {"topic", topic}};
  world.ask(broker, "unknown group", world.request(RequestCode::GET_CONSUME_STATS, fields));
  world.need(
      broker,
      make_heartbeat(world, {.client_id = world.client_id("c"), .group = group, .topic = topic}));
  world.ask(broker, "nothing consumed", world.request(RequestCode::GET_CONSUME_STATS, fields));
  world.need(broker, world.request(RequestCode::UPDATE_CONSUMER_OFFSET, {{"consumerGroup", group},
                                                                         {"topic", topic},
                                                                         {"queueId", "1"},
                                                                         {"commitOffset", "0"}}));
  world.ask(broker, "one offset", world.request(RequestCode::GET_CONSUME_STATS, fields));
  world.ask(broker, "all topics",
            world.request(RequestCode::GET_CONSUME_STATS, {{"consumerGroup", group}}));
}

void connections_of_a_group(World& world) {
  Connection broker(world.target().broker);
  const std::string group = world.name("g");
  const Fields fields{{"consumerGroup", group}};
  world.ask(broker, "nobody", world.request(RequestCode::GET_CONSUMER_CONNECTION_LIST, fields));
  world.need(broker, make_heartbeat(world, {.client_id = world.client_id("c"),
                                            .group = group,
                                            .topic = world.name("t"),
                                            .subscription = "red"}));
  world.ask(broker, "one", world.request(RequestCode::GET_CONSUMER_CONNECTION_LIST, fields));
}

constexpr Case kCases[] = {
    {"admin.topic", topic},
    {"admin.configuration_of_a_topic", configuration_of_a_topic},
    {"admin.statistics_of_a_topic", statistics_of_a_topic},
    {"admin.statistics_of_a_group", statistics_of_a_group},
    {"admin.connections_of_a_group", connections_of_a_group},
};

}  // namespace

std::span<const Case> admin_cases() { return kCases; }

}  // namespace rmq::conformance
