// What NameServers say about topics and clusters.
#include <iterator>

#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

wire::Command make_route(World& world, const std::string& topic, std::int32_t version,
                         const char* standard = nullptr) {
  Fields fields{{"topic", topic}};
  if (standard) fields.emplace_back("acceptStandardJsonOnly", standard);
  wire::Command request = world.request(RequestCode::GET_ROUTEINFO_BY_TOPIC, fields);
  request.version = version;
  return request;
}

void existing_topic(World& world) {
  Connection broker(world.target().broker);
  Connection nameserver(world.target().nameserver);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 3);
  wait_for_route(world, topic);
  world.ask(nameserver, "by a new client", make_route(world, topic, 493));
  world.ask(nameserver, "by an old client", make_route(world, topic, 300));
  world.ask(nameserver, "by an old client for standard JSON",
            make_route(world, topic, 300, "true"));
  world.ask(nameserver, "by a new client for either form", make_route(world, topic, 493, "false"));
}

void missing_topic(World& world) {
  Connection nameserver(world.target().nameserver);
  world.ask(nameserver, "missing", make_route(world, world.name("missing"), 493));
  world.ask(nameserver, "missing, old client", make_route(world, world.name("missing"), 300));
  world.ask(nameserver, "no field", world.request(RequestCode::GET_ROUTEINFO_BY_TOPIC));
  world.ask(nameserver, "retry topic", make_route(world, "%RETRY%" + world.name("g"), 493));
}

void default_topic(World& world) {
  wait_for_route(world, "TBW102");
  Connection nameserver(world.target().nameserver);
  world.ask(nameserver, "TBW102", make_route(world, "TBW102", 493));
}

void topic_made_by_a_send(World& world) {
  Connection broker(world.target().broker);
  Connection nameserver(world.target().nameserver);
  for (const int queues : {2, 100}) {
    const std::string topic = world.name("of" + std::to_string(queues));
    store(world, broker, {.topic = topic, .default_queues = queues});
    wait_for_route(world, topic);
    world.ask(nameserver, std::to_string(queues) + " queues", make_route(world, topic, 493));
  }
}

void topic_of_retries(World& world) {
  Connection broker(world.target().broker);
  Connection nameserver(world.target().nameserver);
  const std::string group = world.name("g");
  world.need(broker, make_heartbeat(world, {.client_id = world.client_id("c"),
                                            .group = group,
                                            .topic = world.name("t")}));
  wait_for_route(world, "%RETRY%" + group);
  world.ask(nameserver, "retry topic", make_route(world, "%RETRY%" + group, 493));
}

void cluster(World& world) {
  Connection nameserver(world.target().nameserver);
  world.ask(nameserver, "cluster", world.request(RequestCode::GET_BROKER_CLUSTER_INFO));
}

constexpr Case kCases[] = {
    {"route.existing_topic", existing_topic},
    {"route.missing_topic", missing_topic},
    {"route.default_topic", default_topic},
    {"route.topic_made_by_a_send", topic_made_by_a_send},
    {"route.topic_of_retries", topic_of_retries},
    {"route.cluster", cluster},
};

}  // namespace

std::span<const Case> route_cases() { return kCases; }

}  // namespace rmq::conformance
