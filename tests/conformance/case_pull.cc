// Pulls that are answered at once.
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

constexpr int kCommits = 1;
constexpr int kSubscribes = 4;

struct Filled {
  std::string topic{};
  std::string group{};
};

// One queue with four messages: red, none, blue, red.
Filled fill(World& world, Connection& broker) {
  Filled filled{world.name("t"), world.name("g")};
  create_topic(world, broker, filled.topic, 2);
  for (const char* tag : {"red", "", "blue", "red"}) {
    Fields properties{{"UNIQ_KEY", "ID"}};
    if (*tag != '\0') properties.emplace_back("TAGS", tag);
    store(world, broker, {.topic = filled.topic, .properties = property_text(properties)});
  }
  world.need_until(
      broker,
      [&] { return make_pull(world, {.group = filled.group, .topic = filled.topic, .offset = 3}); },
      [](const wire::Command& answer) { return answer.code == 0; });
  return filled;
}

void found(World& world) {
  Connection broker(world.target().broker);
  const auto [topic, group] = fill(world, broker);
  world.ask(broker, "all", make_pull(world, {.group = group, .topic = topic}));
  world.ask(broker, "two",
            make_pull(world, {.group = group, .topic = topic, .message_count_max = 2}));
  world.ask(broker, "zero",
            make_pull(world, {.group = group, .topic = topic, .message_count_max = 0}));
  world.ask(broker, "few bytes",
            make_pull(world, {.group = group, .topic = topic, .message_bytes_max = 1}));
  Pull lite{.group = group, .topic = topic, .sys_flag = 20};
  world.ask(broker, "as lite pull",
            world.request(RequestCode::LITE_PULL_MESSAGE, pull_fields(lite)));
  lite.message_bytes_max = 1;
  world.ask(broker, "few bytes as lite pull",
            world.request(RequestCode::LITE_PULL_MESSAGE, pull_fields(lite)));
}

void offsets_beside_the_queue(World& world) {
  Connection broker(world.target().broker);
  const auto [topic, group] = fill(world, broker);
  for (const long long offset : {-1LL, 4LL, 5LL, 4000000000LL}) {
    world.ask(broker, "from " + std::to_string(offset),
              make_pull(world, {.group = group, .topic = topic, .offset = offset}));
  }
  for (const long long offset : {-1LL, 0LL, 5LL}) {
    world.ask(broker, "empty queue from " + std::to_string(offset),
              make_pull(world, {.group = group, .topic = topic, .queue_id = 1, .offset = offset}));
  }
}

void filters(World& world) {
  Connection broker(world.target().broker);
  const auto [topic, group] = fill(world, broker);
  for (const char* tags : {"red", "blue || red", "green", " red ", "||", "*"}) {
    world.ask(broker, std::string("tags ") + tags,
              make_pull(world, {.group = group, .topic = topic, .subscription = tags}));
  }
  world.ask(broker, "no subscription",
            make_pull(world, {.group = group, .topic = topic, .subscription = ""}));
  world.ask(broker, "unknown type",
            make_pull(world, {.group = group, .topic = topic, .expression_type = "MINE"}));
}

void sql(World& world) {
  Connection broker(world.target().broker);
  const auto [topic, group] = fill(world, broker);
  for (const char* expression : {"TAGS = 'red'", "no sql at ("}) {
    world.ask(broker, expression,
              make_pull(world, {.group = group,
                                .topic = topic,
                                .subscription = expression,
                                .expression_type = "SQL92"}));
  }
}

void wrong_places(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 2);
  const std::string group = world.name("g");
  world.ask(broker, "missing topic",
            make_pull(world, {.group = group, .topic = world.name("missing")}));
  for (const int queue : {-1, 2, 99}) {
    world.ask(broker, "queue " + std::to_string(queue),
              make_pull(world, {.group = group, .topic = topic, .queue_id = queue}));
  }
  world.ask(broker, "group with illegal characters",
            make_pull(world, {.group = "no group!", .topic = topic}));
}

void subscription_of_the_group(World& world) {
  Connection broker(world.target().broker);
  const auto [topic, group] = fill(world, broker);
  world.ask(broker, "no group", make_pull(world, {.group = group, .topic = topic, .sys_flag = 0}));
  world.need(broker, make_heartbeat(world, {.client_id = world.client_id("c"),
                                            .group = group,
                                            .topic = topic,
                                            .subscription = "red",
                                            .sub_version = 5}));
  for (const long long version : {4LL, 5LL, 6LL}) {
    world.ask(
        broker, "version " + std::to_string(version),
        make_pull(world, {.group = group, .topic = topic, .sys_flag = 0, .sub_version = version}));
  }
  const std::string other = world.name("other");
  create_topic(world, broker, other, 1);
  world.ask(broker, "not subscribed",
            make_pull(world, {.group = group, .topic = other, .sys_flag = 0}));
}

void commits(World& world) {
  Connection broker(world.target().broker);
  const auto [topic, group] = fill(world, broker);
  const auto ask_offset = [&, &topic = topic, &group = group](const char* step) {
    world.ask(broker, step,
              world.request(RequestCode::QUERY_CONSUMER_OFFSET,
                            {{"consumerGroup", group}, {"topic", topic}, {"queueId", "0"}}));
  };
  world.ask(broker, "pull that commits",
            make_pull(world, {.group = group,
                              .topic = topic,
                              .offset = 2,
                              .sys_flag = kSubscribes | kCommits,
                              .commit_offset = 2}));
  ask_offset("committed");
  world.ask(broker, "pull that does not",
            make_pull(world, {.group = group, .topic = topic, .offset = 3, .commit_offset = 3}));
  ask_offset("still");
}

constexpr Case kCases[] = {
    {"pull.found", found},
    {"pull.offsets_beside_the_queue", offsets_beside_the_queue},
    {"pull.filters", filters},
    {"pull.sql", sql},
    {"pull.wrong_places", wrong_places},
    {"pull.subscription_of_the_group", subscription_of_the_group},
    {"pull.commits", commits},
};

}  // namespace

std::span<const Case> pull_cases() { return kCases; }

}  // namespace rmq::conformance
