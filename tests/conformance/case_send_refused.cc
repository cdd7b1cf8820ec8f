// Sends that are not taken.
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

void ask_send(World& world, Connection& broker, std::string_view step, const Send& send) {
  world.ask(broker, step, make_send(world, send));
}

void topic_names(World& world) {
  Connection broker(world.target().broker);
  ask_send(world, broker, "characters", {.topic = "no topic!"});
  ask_send(world, broker, "blank", {.topic = " "});
  for (const std::size_t size : {127u, 128u, 255u, 256u}) {
    std::string topic = world.name("t");
    topic.resize(size, 'x');
    ask_send(world, broker, std::to_string(size), {.topic = topic});
    topic = "%RETRY%" + topic;
    topic.resize(size, 'x');
    ask_send(world, broker, std::to_string(size) + " of a retry topic", {.topic = topic});
  }
}

void system_topics(World& world) {
  Connection broker(world.target().broker);
  for (const char* topic :
       {"SCHEDULE_TOPIC_XXXX", "RMQ_SYS_TRANS_HALF_TOPIC", "RMQ_SYS_TRACE_TOPIC",
        "RMQ_SYS_TRANS_OP_HALF_TOPIC", "TRANS_CHECK_MAX_TIME_TOPIC", "SELF_TEST_TOPIC",
        "OFFSET_MOVED_EVENT", "BenchmarkTest", "broker-a", "DefaultCluster"}) {
    world.ask_of_shared(broker, topic, make_send(world, {.topic = topic}));
  }
}

void missing_topic(World& world) {
  Connection broker(world.target().broker);
  ask_send(world, broker, "no default topic",
           {.topic = world.name("t"), .default_topic = world.name("d")});
  create_topic(world, broker, world.name("d"), 1);
  ask_send(world, broker, "a default topic without heirs",
           {.topic = world.name("t"), .default_topic = world.name("d")});
}

void queue_ids(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 2);
  ask_send(world, broker, "2 of 2", {.topic = topic, .queue_id = 2});
  ask_send(world, broker, "99 of 2", {.topic = topic, .queue_id = 99});
}

void permissions(World& world) {
  Connection broker(world.target().broker);
  for (const int perm : {0, kReadable, kWritable}) {
    const std::string topic = world.name("t" + std::to_string(perm));
    create_topic(world, broker, topic, 2, perm);
    const std::string step = "perm " + std::to_string(perm);
    ask_send(world, broker, step, {.topic = topic});
    if (perm == kReadable) continue;
    world.ask(broker, step + ", pull",
              make_pull(world, {.group = world.name("g"), .topic = topic}));
  }
}

void sizes(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  constexpr std::size_t kBody = 4u << 20;
  ask_send(world, broker, "body of 4 MiB and 1",
           {.topic = topic, .body = std::string(kBody + 1, 'b')});
  ask_send(world, broker, "body of 4 MiB", {.topic = topic, .body = std::string(kBody, 'b')});
}

void property_sizes(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  for (const std::size_t size : {30000u, 32000u, 32700u, 32767u, 32768u, 40000u}) {
    std::string properties = "P\x01";
    properties.resize(size - 1, 'p');
    ask_send(world, broker, "properties of " + std::to_string(size),
             {.topic = topic, .properties = properties + '\x02'});
  }
}

void bad_batches(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  const Send send{.topic = topic};
  const auto ask = [&](const char* step, const Fields& fields, std::string body) {
    world.ask(broker, step,
              world.request(RequestCode::SEND_BATCH_MESSAGE, fields, std::move(body)));
  };
  ask("garbage", send_v2_fields(send, true), "garbage that is no batch at all");
  ask("to a retry topic", send_v2_fields({.topic = "%RETRY%" + world.name("g")}, true), "x");
  Send bad_topic = send;
  bad_topic.topic = "no topic!";
  ask("illegal topic", send_v2_fields(bad_topic, true), "x");
}

constexpr Case kCases[] = {
    {"send_refused.topic_names", topic_names},
    {"send_refused.system_topics", system_topics},
    {"send_refused.missing_topic", missing_topic},
    {"send_refused.queue_ids", queue_ids},
    {"send_refused.permissions", permissions},
    {"send_refused.sizes", sizes, false},
    {"send_refused.property_sizes", property_sizes, false},
    {"send_refused.bad_batches", bad_batches},
};

}  // namespace

std::span<const Case> send_refused_cases() { return kCases; }

}  // namespace rmq::conformance
