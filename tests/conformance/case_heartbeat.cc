// Who is member of which group, and who hears of it.
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

wire::Command make_list(World& world, const std::string& group) {
  return world.request(RequestCode::GET_CONSUMER_LIST_BY_GROUP, {{"consumerGroup", group}});
}

// The list once it has so many members: connections that ended are noticed a little later.
void note_members(World& world, Connection& broker, const char* step, const std::string& group,
                  std::size_t members) {
  world.note_answer(step, broker,
                    world.need_until(
                        broker, [&] { return make_list(world, group); },
                        [&](const wire::Command& answer) {
                          std::size_t count = 0;
                          for (std::size_t at = 0;
                               (at = answer.body.find("@client", at)) != std::string::npos;) {
                            ++at;
                            ++count;
                          }
                          return count == members;
                        }));
}

void note_push(World& world, const char* step, Connection& connection, milliseconds limit) {
  auto push = connection.next_push(limit);
  if (push) push->opaque = 0;
  world.note_answer(step, connection, push);
}

Heartbeat make_member(World& world, const char* client) {
  return {.client_id = world.client_id(client), .group = world.name("g"), .topic = world.name("t")};
}

void of_a_consumer(World& world) {
  Connection broker(world.target().broker);
  world.ask(broker, "unknown group", make_list(world, world.name("g")));
  world.ask(broker, "first", make_heartbeat(world, make_member(world, "c")));
  world.ask(broker, "again", make_heartbeat(world, make_member(world, "c")));
  world.ask(broker, "list", make_list(world, world.name("g")));
  Heartbeat other_topic = make_member(world, "c");
  other_topic.topic = world.name("t2");
  world.ask(broker, "another topic", make_heartbeat(world, other_topic));
  world.ask(broker, "nobody", make_heartbeat(world, {.client_id = world.client_id("c")}));
  world.ask(broker, "list", make_list(world, world.name("g")));
}

void of_a_producer(World& world) {
  Connection broker(world.target().broker);
  world.ask(broker, "heartbeat",
            world.request(RequestCode::HEART_BEAT, {},
                          R"({"clientID":")" + world.client_id("p") +
                              R"(","consumerDataSet":[],"producerDataSet":[{"groupName":")" +
                              world.name("g") + R"("}]})"));
  world.ask(broker, "is no consumer", make_list(world, world.name("g")));
}

void of_version_2(World& world) {
  Connection broker(world.target().broker);
  Heartbeat whole = make_member(world, "c");
  whole.more = R"("heartbeatFingerprint":7,"withoutSub":false,)";
  Heartbeat brief = whole;
  brief.more = R"("heartbeatFingerprint":7,"withoutSub":true,)";
  brief.subscribes = false;
  create_topic(world, broker, world.name("t"), 1);
  world.ask(broker, "whole", make_heartbeat(world, whole));
  world.ask(broker, "whole again", make_heartbeat(world, whole));
  world.ask(broker, "without subscriptions", make_heartbeat(world, brief));
  const Pull pull{.group = whole.group, .topic = whole.topic, .sys_flag = 0};
  world.ask(broker, "pull of the group", make_pull(world, pull));
  brief.more = R"("heartbeatFingerprint":8,"withoutSub":true,)";
  world.ask(broker, "another fingerprint", make_heartbeat(world, brief));
  whole.more = R"("heartbeatFingerprint":8,"withoutSub":false,)";
  world.ask(broker, "another fingerprint, whole", make_heartbeat(world, whole));
  world.ask(broker, "list", make_list(world, world.name("g")));
}

void with_bad_bodies(World& world) {
  Connection broker(world.target().broker);
  for (const char* body : {"", "{}", "no json", "[]", "{\"clientID\":\"\"}"}) {
    world.ask(broker, std::string("body ") + body,
              world.request(RequestCode::HEART_BEAT, {}, body));
  }
}

void with_bad_groups(World& world) {
  Connection broker(world.target().broker);
  for (const std::string& group :
       {std::string("no group!"), std::string(256, 'g'), std::string(" ")}) {
    Heartbeat member = make_member(world, "c");
    member.group = group;
    world.ask(broker, "group " + group, make_heartbeat(world, member));
  }
}

void tells_of_changes(World& world) {
  Connection first(world.target().broker);
  const std::string group = world.name("g");
  world.need(first, make_heartbeat(world, make_member(world, "c1")));
  note_push(world, "the first joined", first, kSilence);
  {
    Connection second(world.target().broker);
    world.need(second, make_heartbeat(world, make_member(world, "c2")));
    note_push(world, "the second joined, told the first", first, kAnswerLimit);
    note_push(world, "the second joined, told the second", second, kAnswerLimit);
    note_members(world, first, "members", group, 2);
  }
  note_push(world, "the second left, told the first", first, kAnswerLimit);
  note_members(world, first, "members", group, 1);
}

void tells_broadcasters(World& world) {
  Connection first(world.target().broker);
  Connection second(world.target().broker);
  Heartbeat member = make_member(world, "c1");
  member.model = "BROADCASTING";
  world.need(first, make_heartbeat(world, member));
  member.client_id = world.client_id("c2");
  world.need(second, make_heartbeat(world, member));
  note_push(world, "told the first", first, kSilence);
}

void unregistered(World& world) {
  Connection first(world.target().broker);
  Connection second(world.target().broker);
  const std::string group = world.name("g");
  world.need(first, make_heartbeat(world, make_member(world, "c1")));
  world.need(second, make_heartbeat(world, make_member(world, "c2")));
  while (first.next_push(kSilence)) {
  }
  world.ask(second, "unregister",
            world.request(RequestCode::UNREGISTER_CLIENT,
                          {{"clientID", world.client_id("c2")}, {"consumerGroup", group}}));
  note_push(world, "told the other", first, kAnswerLimit);
  note_members(world, first, "members", group, 1);
  world.ask(second, "unregister again",
            world.request(RequestCode::UNREGISTER_CLIENT,
                          {{"clientID", world.client_id("c2")}, {"consumerGroup", group}}));
  world.ask(second, "by nothing but an id",
            world.request(RequestCode::UNREGISTER_CLIENT, {{"clientID", world.client_id("c2")}}));
  world.need(first, world.request(RequestCode::UNREGISTER_CLIENT,
                                  {{"clientID", world.client_id("c1")}, {"consumerGroup", group}}));
  world.ask(first, "list without members", make_list(world, group));
}

void one_client_on_two_connections(World& world) {
  Connection first(world.target().broker);
  Connection second(world.target().broker);
  world.need(first, make_heartbeat(world, make_member(world, "c")));
  world.need(second, make_heartbeat(world, make_member(world, "c")));
  world.ask(first, "list", make_list(world, world.name("g")));
}

void checked_before(World& world) {
  Connection broker(world.target().broker);
  const auto ask = [&](const char* step, const char* type, const char* expression) {
    world.ask(broker, step,
              world.request(
                  RequestCode::CHECK_CLIENT_CONFIG, {},
                  R"({"clientId":")" + world.client_id("c") + R"(","group":")" + world.name("g") +
                      R"(","subscriptionData":{"classFilterMode":false,"codeSet":[],)" +
                      R"("expressionType":")" + type + R"(","subString":")" + expression +
                      R"(","subVersion":1,"tagsSet":[],"topic":")" + world.name("t") + R"("}})"));
  };
  ask("tags", "TAG", "red");
  ask("sql", "SQL92", "a > 1");
  ask("bad sql", "SQL92", "no sql at (");
  ask("unknown type", "MINE", "x");
  world.ask(broker, "no subscription",
            world.request(RequestCode::CHECK_CLIENT_CONFIG, {}, R"({"clientId":"c","group":"g"})"));
  world.ask(broker, "no body", world.request(RequestCode::CHECK_CLIENT_CONFIG));
}

constexpr Case kCases[] = {
    {"heartbeat.of_a_consumer", of_a_consumer},
    {"heartbeat.of_a_producer", of_a_producer},
    {"heartbeat.of_version_2", of_version_2},
    {"heartbeat.with_bad_bodies", with_bad_bodies},
    {"heartbeat.with_bad_groups", with_bad_groups, false},
    {"heartbeat.tells_of_changes", tells_of_changes},
    {"heartbeat.tells_broadcasters", tells_broadcasters, false},
    {"heartbeat.unregistered", unregistered, false},
    {"heartbeat.one_client_on_two_connections", one_client_on_two_connections},
    {"heartbeat.checked_before", checked_before},
};

}  // namespace

std::span<const Case> heartbeat_cases() { return kCases; }

}  // namespace rmq::conformance
