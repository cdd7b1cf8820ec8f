// Pulls that wait.
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

constexpr int kSubscribes = 4;
constexpr int kSuspends = 2;

Pull make_waiting(World& world, const std::string& topic, int suspend_ms) {
  return {.group = world.name("g"),
          .topic = topic,
          .sys_flag = kSubscribes | kSuspends,
          .suspend_ms = suspend_ms};
}

// A message that has arrived: the end of the queue lies behind it.
void fill(World& world, Connection& broker, const std::string& topic, const char* tag) {
  create_topic(world, broker, topic, 1);
  store(world, broker, {.topic = topic, .properties = property_text({{"TAGS", tag}})});
  pull_found(world, broker, {.group = world.name("g"), .topic = topic});
}

// Pulls are worked on in order: when later ones have been answered, the earlier ones wait. Several,
// as the workers of a broker are several.
void let_wait(World& world, Connection& broker, const std::string& topic) {
  for (int i = 0; i < 30; ++i) {
    world.need(broker, make_pull(world, {.group = world.name("g"), .topic = topic, .offset = 99}));
  }
}

void answered_by_a_message(World& world) {
  Connection broker(world.target().broker);
  Connection other(world.target().broker);
  const std::string topic = world.name("t");
  fill(world, broker, topic, "red");
  Pull pull = make_waiting(world, topic, 15'000);
  pull.offset = 1;
  pull.subscription = "red";
  const wire::Command waiting = make_pull(world, pull);
  broker.send(waiting);
  // Answered on the same connection meanwhile.
  world.ask(broker, "meanwhile",
            world.request(RequestCode::GET_MAX_OFFSET, {{"topic", topic}, {"queueId", "0"}}));
  let_wait(world, broker, topic);
  for (const char* tag : {"blue", "red"}) {
    store(world, other, {.topic = topic, .properties = property_text({{"TAGS", tag}})});
  }
  world.note_answer("woken", broker, broker.next_answer(waiting.opaque, kAnswerLimit));
}

void times_out(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  fill(world, broker, topic, "red");
  Pull pull = make_waiting(world, topic, 200);
  pull.offset = 1;
  world.ask(broker, "at the end", make_pull(world, pull));
}

void does_not_wait(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  fill(world, broker, topic, "red");
  Pull pull = make_waiting(world, topic, 60'000);
  pull.subscription = "blue";
  world.ask(broker, "nothing that matches", make_pull(world, pull));
  pull.offset = 9;
  world.ask(broker, "too far", make_pull(world, pull));
  pull.offset = 1;
  pull.sys_flag = kSubscribes;
  world.ask(broker, "without the flag", make_pull(world, pull));
}

void several_at_once(World& world) {
  Connection broker(world.target().broker);
  Connection other(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 3);
  wire::Command waiting[3];
  for (int queue = 0; queue < 3; ++queue) {
    Pull pull = make_waiting(world, topic, 15'000);
    pull.queue_id = queue;
    waiting[queue] = make_pull(world, pull);
    broker.send(waiting[queue]);
  }
  let_wait(world, broker, topic);
  for (const int queue : {2, 0, 1}) {
    store(world, other, {.topic = topic, .queue_id = queue});
    world.note_answer("queue " + std::to_string(queue), broker,
                      broker.next_answer(waiting[queue].opaque, kAnswerLimit));
  }
}

constexpr Case kCases[] = {
    {"long_poll.answered_by_a_message", answered_by_a_message},
    {"long_poll.times_out", times_out, false},
    {"long_poll.does_not_wait", does_not_wait},
    {"long_poll.several_at_once", several_at_once},
};

}  // namespace

std::span<const Case> long_poll_cases() { return kCases; }

}  // namespace rmq::conformance
