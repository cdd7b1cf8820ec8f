// Sends that are taken, and what is stored of them.
#include "protocol/batch.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

wire::Command need_max_offset(World& world, Connection& broker, const std::string& topic,
                              std::string_view at_least) {
  return world.need_until(
      broker,
      [&] {
        return world.request(RequestCode::GET_MAX_OFFSET, {{"topic", topic}, {"queueId", "0"}});
      },
      [&](const wire::Command& answer) {
        return answer.code == 0 && answer.fields[0].second >= at_least;
      });
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

void plain(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 4);
  const Send send{.topic = topic};
  world.ask(broker, "v1",
            world.request(RequestCode::SEND_MESSAGE, send_v1_fields(send), send.body));
  world.ask(broker, "v2", make_send(world, send));
  world.ask(broker, "no unique id", make_send(world, {.topic = topic, .properties = "A\x01b\x02"}));
  world.ask(broker, "no properties", make_send(world, {.topic = topic, .properties = ""}));
  world.ask(broker, "another queue", make_send(world, {.topic = topic, .queue_id = 3}));
  need_max_offset(world, broker, topic, "4");
  world.note_answer("stored", broker,
                    pull_found(world, broker, {.group = world.name("g"), .topic = topic}));
}

void odd_properties(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  world.ask(broker, "unknown, reserved and unended",
            make_send(world, {.topic = topic,
                              .properties = "X\x01y\x02z z\x01ü\x02"
                                            "CLUSTER\x01mine\x02MSG_REGION\x01mine\x02"
                                            "TRACE_ON\x01"
                                            "false\x02LAST\x01value"}));
  world.ask(broker, "twice the same",
            make_send(world, {.topic = topic,
                              .properties = "A\x01"
                                            "1\x02"
                                            "A\x01"
                                            "2\x02"}));
  world.ask(broker, "garbage", make_send(world, {.topic = topic, .properties = "no separator"}));
  world.ask(broker, "tags and keys",
            make_send(world, {.topic = topic,
                              .properties = property_text({{"TAGS", "red"}, {"KEYS", "k1 k2"}})}));
  need_max_offset(world, broker, topic, "4");
  world.note_answer("stored", broker,
                    pull_found(world, broker, {.group = world.name("g"), .topic = topic}));
}

void empty_body(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  world.ask(broker, "no body", make_send(world, {.topic = topic, .body = ""}));
}

void batch(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 2);
  std::string body;
  for (const char* text : {"one", "two", "three"}) {
    const std::string properties = property_text({{"UNIQ_KEY", text}});
    const protocol::BatchMessage message{
        .flag = 3, .body = base::as_bytes(std::string_view(text)), .properties_text = properties};
    if (!protocol::append_batch_message(message, &body).ok()) return;
  }
  Send send{.topic = topic, .queue_id = 1};
  world.ask(broker, "three",
            world.request(RequestCode::SEND_BATCH_MESSAGE, send_v2_fields(send, true), body));
  world.ask(broker, "three as v2",
            world.request(RequestCode::SEND_MESSAGE_V2, send_v2_fields(send, true), body));
  world.note_answer("stored", broker,
                    world.need_until(
                        broker,
                        [&] {
                          return make_pull(
                              world, {.group = world.name("g"), .topic = topic, .queue_id = 1});
                        },
                        [](const wire::Command& answer) {
                          return answer.code == 0 && count(answer.body, "UNIQ_KEY\1three") == 2;
                        }));
  world.ask(broker, "empty",
            world.request(RequestCode::SEND_BATCH_MESSAGE, send_v2_fields(send, true), ""));
}

void one_way(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  wire::Command send = make_send(world, {.topic = topic});
  send.flag = wire::kFlagOneway;
  broker.send(send);
  world.note_answer("then", broker, need_max_offset(world, broker, topic, "1"));
  const auto answer = broker.next_answer(send.opaque, milliseconds(100));
  world.note("one-way", answer ? "answered" : "silent");
}

void any_queue(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  world.ask(broker, "broker's choice", make_send(world, {.topic = topic, .queue_id = -1}));
  world.ask(broker, "-2", make_send(world, {.topic = topic, .queue_id = -2}));
}

void delayed(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 2);
  for (const char* level : {"0", "-1", "99", "x"}) {
    world.ask_of_shared(
        broker, std::string("level ") + level,
        make_send(world, {.topic = topic, .properties = property_text({{"DELAY", level}})}));
  }
  world.ask_of_shared(
      broker, "level 1",
      make_send(world, {.topic = topic,
                        .queue_id = 1,
                        .properties = property_text({{"UNIQ_KEY", "D"}, {"DELAY", "1"}})}));
  world.note_answer(
      "delivered", broker,
      pull_found(world, broker, {.group = world.name("g"), .topic = topic, .queue_id = 1}));
}

void group_topics(World& world) {
  Connection broker(world.target().broker);
  const std::string group = world.name("g");
  for (const char* prefix : {"%RETRY%", "%DLQ%"}) {
    const std::string topic = prefix + group;
    world.ask(broker, prefix, make_send(world, {.topic = topic}));
    world.ask(broker, std::string(prefix) + " queue 5",
              make_send(world, {.topic = topic, .queue_id = 5}));
  }
}

// What a consumer does whose send-back was refused.
void resent_too_often(World& world) {
  Connection broker(world.target().broker);
  const std::string group = world.name("g");
  const std::string retry = "%RETRY%" + group;
  world.need(broker, make_heartbeat(world, {.client_id = world.client_id("c"),
                                            .group = group,
                                            .topic = world.name("t")}));
  for (const int times : {1, 3, 4}) {
    world.ask(
        broker, "time " + std::to_string(times),
        make_send(world, {.topic = retry, .reconsume_times = times, .max_reconsume_times = 3}));
  }
  world.ask(broker, "time 17", make_send(world, {.topic = retry, .reconsume_times = 17}));
  // A broker counts what it has stored a moment later.
  world.note_answer("dead letters", broker, need_max_offset(world, broker, "%DLQ%" + group, "3"));
}

void to_the_default_topic(World& world) {
  Connection broker(world.target().broker);
  world.ask_of_shared(broker, "TBW102", make_send(world, {.topic = "TBW102"}));
}

constexpr Case kCases[] = {
    {"send.plain", plain},
    {"send.odd_properties", odd_properties},
    {"send.empty_body", empty_body},
    {"send.batch", batch},
    {"send.one_way", one_way},
    {"send.any_queue", any_queue},
    {"send.delayed", delayed},
    {"send.group_topics", group_topics},
    {"send.resent_too_often", resent_too_often},
    {"send.to_the_default_topic", to_the_default_topic},
};

}  // namespace

std::span<const Case> send_cases() { return kCases; }

}  // namespace rmq::conformance
