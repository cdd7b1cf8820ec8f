// Messages that a consumer gives back.
#include <stdexcept>

#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"
#include "tests/support/raw_client.h"

namespace rmq::conformance {
namespace {

struct Stored {
  std::string topic{};
  std::string group{};
  std::string offset{};  // in the commit log
};

Stored store_one(World& world, Connection& broker) {
  Stored stored{world.name("t"), world.name("g"), ""};
  create_topic(world, broker, stored.topic, 1);
  const wire::Command answer = store(
      world, broker,
      {.topic = stored.topic, .properties = property_text({{"UNIQ_KEY", "ID7"}, {"A", "b"}})});
  const std::string id = test::find_field(answer, "msgId");
  if (id.size() != 32) throw std::runtime_error("no message id: " + id);
  stored.offset = std::to_string(std::stoull(id.substr(16), nullptr, 16));
  world.need(broker, make_heartbeat(world, {.client_id = world.client_id("c"),
                                            .group = stored.group,
                                            .topic = stored.topic}));
  return stored;
}

Fields send_back_fields(const Stored& stored, int level, int max_times = 16) {
  return {{"offset", stored.offset},
          {"group", stored.group},
          {"delayLevel", std::to_string(level)},
          {"originMsgId", "ID7"},
          {"originTopic", stored.topic},
          {"unitMode", "false"},
          {"maxReconsumeTimes", std::to_string(max_times)}};
}

wire::Command make_send_back(World& world, const Fields& fields) {
  return world.request(RequestCode::CONSUMER_SEND_MSG_BACK, fields);
}

void note_messages(World& world, Connection& broker, const char* step, const std::string& topic,
                   const std::string& group) {
  world.note_answer(step, broker, pull_found(world, broker, {.group = group, .topic = topic}));
}

void with_a_level(World& world) {
  Connection broker(world.target().broker);
  const Stored stored = store_one(world, broker);
  world.ask(broker, "level 1", make_send_back(world, send_back_fields(stored, 1)));
  note_messages(world, broker, "delivered again", "%RETRY%" + stored.group, stored.group);
  world.ask(broker, "level 0", make_send_back(world, send_back_fields(stored, 0)));
  world.ask(broker, "level 3", make_send_back(world, send_back_fields(stored, 3)));
  world.ask(broker, "level 99", make_send_back(world, send_back_fields(stored, 99)));
  world.ask(broker, "one delivered",
            world.request(RequestCode::GET_MAX_OFFSET,
                          {{"topic", "%RETRY%" + stored.group}, {"queueId", "0"}}));
}

void as_a_dead_letter(World& world) {
  Connection broker(world.target().broker);
  const Stored stored = store_one(world, broker);
  world.ask(broker, "level -1", make_send_back(world, send_back_fields(stored, -1)));
  world.ask(broker, "no more times", make_send_back(world, send_back_fields(stored, 3, 0)));
  const std::string dlq = "%DLQ%" + stored.group;
  world.need_until(
      broker,
      [&] {
        return world.request(RequestCode::GET_MAX_OFFSET, {{"topic", dlq}, {"queueId", "0"}});
      },
      [](const wire::Command& answer) { return test::find_field(answer, "offset") == "2"; });
  note_messages(world, broker, "two dead letters", dlq, stored.group);
}

void of_nothing(World& world) {
  Connection broker(world.target().broker);
  const Stored stored = store_one(world, broker);
  for (const char* offset : {"9000000000000000", "-1"}) {
    Stored wrong = stored;
    wrong.offset = offset;
    world.ask(broker, std::string("offset ") + offset,
              make_send_back(world, send_back_fields(wrong, 0)));
  }
  Stored nobody = stored;
  nobody.group = world.name("nobody");
  world.ask(broker, "unknown group", make_send_back(world, send_back_fields(nobody, 0)));
  nobody.group = "no group!";
  world.ask(broker, "illegal group", make_send_back(world, send_back_fields(nobody, 0)));
  Stored other = stored;
  other.topic = world.name("missing");
  world.ask(broker, "another topic", make_send_back(world, send_back_fields(other, 0)));
}

void with_few_fields(World& world) {
  Connection broker(world.target().broker);
  const Stored stored = store_one(world, broker);
  world.ask(broker, "the least",
            make_send_back(
                world, {{"offset", stored.offset}, {"group", stored.group}, {"delayLevel", "3"}}));
}

constexpr Case kCases[] = {
    {"send_back.with_a_level", with_a_level},
    {"send_back.as_a_dead_letter", as_a_dead_letter},
    {"send_back.of_nothing", of_nothing},
    {"send_back.with_few_fields", with_few_fields},
};

}  // namespace

std::span<const Case> send_back_cases() { return kCases; }

}  // namespace rmq::conformance
