// Messages with a timer or a priority, and recalls. The wheel of timers is shared by all cases, so
// that its queue offsets are not noted.
#include <algorithm>
#include <ctime>

#include "protocol/recall_handle.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"
#include "tests/support/raw_client.h"

namespace rmq::conformance {
namespace {

constexpr const char* kMessageId = "0A00000100002A9F0000000000000000";

std::string text_of(const Fields& properties) {
  Fields all{{"UNIQ_KEY", kMessageId}, {"WAIT", "true"}};
  all.insert(all.end(), properties.begin(), properties.end());
  return property_text(all);
}

std::string time_in(int seconds) {
  return std::to_string((std::time(nullptr) + seconds) * 1000LL + 500);
}

// Sends, notes what is said of the message, and gives the recall handle.
std::string ask_timed(World& world, Connection& broker, std::string_view step, const Send& send) {
  std::optional<wire::Command> answer = world.need(broker, make_send(world, send));
  std::string handle = test::find_field(*answer, "recallHandle");
  std::erase_if(answer->fields, [](const auto& field) { return field.first == "queueOffset"; });
  for (auto& [name, value] : answer->fields) {
    const auto read = protocol::parse_recall_handle(value);
    if (name != "recallHandle" || !read) continue;
    value =
        read->topic + " " + read->broker_name + " " + read->timestamp_ms + " " + read->message_id;
  }
  world.note_answer(step, broker, answer);
  return handle;
}

void accepted(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 2);
  const auto ask = [&](std::string_view step, const Fields& properties) {
    ask_timed(world, broker, step,
              {.topic = topic, .queue_id = 1, .properties = text_of(properties)});
  };
  ask("seconds", {{"TIMER_DELAY_SEC", "3600"}});
  ask("milliseconds", {{"TIMER_DELAY_MS", "3600500"}});
  ask("a time", {{"TIMER_DELIVER_MS", time_in(3600)}});
  ask("a time in the past", {{"TIMER_DELIVER_MS", "1000"}});
  ask("two of them", {{"TIMER_DELAY_MS", "1"}, {"TIMER_DELAY_SEC", "3600"}});
  ask("beside a level", {{"TIMER_DELAY_SEC", "3600"}, {"DELAY", "18"}});
}

void refused(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  const auto ask = [&](std::string_view step, const Fields& properties) {
    ask_timed(world, broker, step, {.topic = topic, .properties = text_of(properties)});
  };
  ask("more than three days", {{"TIMER_DELAY_SEC", "259300"}});
  ask("no number", {{"TIMER_DELAY_SEC", "soon"}});
  ask("negative", {{"TIMER_DELAY_SEC", "-5"}});
}

void delivered(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  const std::string group = world.name("g");
  create_topic(world, broker, topic, 1);
  world.need(
      broker,
      make_heartbeat(world, {.client_id = world.client_id("c"), .group = group, .topic = topic}));
  store(world, broker, {.topic = topic, .properties = text_of({{"TIMER_DELAY_SEC", "1"}})});
  world.note_answer("after a second", broker,
                    pull_found(world, broker, {.group = group, .topic = topic}));
}

wire::Command make_recall(World& world, const std::string& topic, const std::string& handle) {
  return world.request(
      RequestCode::RECALL_MESSAGE,
      {{"producerGroup", "conformance_producers"}, {"topic", topic}, {"recallHandle", handle}});
}

void recall(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  const std::string group = world.name("g");
  create_topic(world, broker, topic, 1);
  std::string handle =
      ask_timed(world, broker, "sent",
                {.topic = topic, .properties = text_of({{"TIMER_DELIVER_MS", time_in(4)}})});
  if (handle.empty()) handle = "none";
  world.ask(broker, "recalled", make_recall(world, topic, handle));
  world.ask(broker, "again", make_recall(world, topic, handle));
  if (!world.target().is_5x) return;
  // What was sent after it, and is due later, has come: so would it have.
  store(world, broker,
        {.topic = topic, .body = "later", .properties = text_of({{"TIMER_DELAY_SEC", "6"}})});
  world.need(
      broker,
      make_heartbeat(world, {.client_id = world.client_id("c"), .group = group, .topic = topic}));
  world.note_answer("delivered", broker,
                    pull_found(world, broker, {.group = group, .topic = topic}));
  world.ask(broker, "too late", make_recall(world, topic, handle));
}

void recall_refused(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  const auto handle_of = [](std::string of_topic, std::string broker_name, int seconds) {
    return protocol::to_text({.topic = std::move(of_topic),
                              .broker_name = std::move(broker_name),
                              .timestamp_ms = time_in(seconds),
                              .message_id = kMessageId});
  };
  const std::string good = handle_of(topic, "broker-a", 3600);
  world.ask(broker, "a message that never was", make_recall(world, topic, good));
  world.ask(broker, "no handle", make_recall(world, topic, "no handle"));
  world.ask(broker, "another topic", make_recall(world, topic, handle_of("t", "broker-a", 3600)));
  world.ask(broker, "another broker", make_recall(world, topic, handle_of(topic, "b", 3600)));
  world.ask(broker, "the past", make_recall(world, topic, handle_of(topic, "broker-a", -3600)));
  world.ask(broker, "too far away",
            make_recall(world, topic, handle_of(topic, "broker-a", 4 * 24 * 3600)));
  const std::string missing = world.name("missing");
  world.ask(broker, "missing topic",
            make_recall(world, missing, handle_of(missing, "broker-a", 3600)));
  world.ask(broker, "no fields", world.request(RequestCode::RECALL_MESSAGE));
}

void priority(World& world) {
  Connection broker(world.target().broker);
  constexpr int kSent = 6;
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 3);
  const auto ask = [&](std::string_view step, const Fields& properties) {
    world.ask(broker, step,
              make_send(world, {.topic = topic, .queue_id = 1, .properties = text_of(properties)}));
  };
  ask("2", {{"_SYS_MSG_PRIORITY_", "2"}});
  ask("0", {{"_SYS_MSG_PRIORITY_", "0"}});
  ask("more than queues", {{"_SYS_MSG_PRIORITY_", "99"}});
  ask("negative", {{"_SYS_MSG_PRIORITY_", "-1"}});
  ask("no number", {{"_SYS_MSG_PRIORITY_", "high"}});
  ask("with a sharding key", {{"_SYS_MSG_PRIORITY_", "0"}, {"__SHARDINGKEY", "k"}});
  const std::string group = world.name("g");
  world.need(
      broker,
      make_heartbeat(world, {.client_id = world.client_id("c"), .group = group, .topic = topic}));
  // A broker shows a message some milliseconds after it has stored it.
  const auto count_in = [](const wire::Command& answer) {
    return std::stoll("0" + test::find_field(answer, "offset"));
  };
  const auto make_count = [&](int queue) {
    return world.request(RequestCode::GET_MAX_OFFSET,
                         {{"topic", topic}, {"queueId", std::to_string(queue)}});
  };
  world.need_until(
      broker, [&] { return make_count(2); },
      [&](const wire::Command& last) {
        const auto first = world.need(broker, make_count(0));
        const auto second = world.need(broker, make_count(1));
        return count_in(first) + count_in(second) + count_in(last) >= kSent;
      });
  for (const int queue : {0, 1, 2}) {
    world.note_answer(
        "queue " + std::to_string(queue), broker,
        world.need_until(
            broker,
            [&] { return make_pull(world, {.group = group, .topic = topic, .queue_id = queue}); },
            [](const wire::Command& answer) { return answer.code == 0 || answer.code == 19; }));
  }
}

constexpr Case kCases[] = {
    {"timer.accepted", accepted},
    {"timer.refused", refused},
    {"timer.delivered", delivered},
    {"timer.recall", recall},
    {"timer.recall_refused", recall_refused},
    {"timer.priority", priority},
};

}  // namespace

std::span<const Case> timer_cases() { return kCases; }

}  // namespace rmq::conformance
