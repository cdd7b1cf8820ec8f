// Queues locked by one client of a group.
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

std::string make_body(World& world, const char* client, std::initializer_list<int> queues,
                      const char* group = "g") {
  std::string set;
  for (const int queue : queues) {
    if (!set.empty()) set += ',';
    set += R"({"brokerName":"broker-a","queueId":)" + std::to_string(queue) + R"(,"topic":")" +
           world.name("t") + R"("})";
  }
  return R"({"clientId":")" + world.client_id(client) + R"(","consumerGroup":")" +
         world.name(group) + R"(","mqSet":[)" + set + R"(],"onlyThisBroker":false})";
}

void by_two_clients(World& world) {
  Connection broker(world.target().broker);
  const auto lock = [&](const char* step, const std::string& body) {
    world.ask(broker, step, world.request(RequestCode::LOCK_BATCH_MQ, {}, body));
  };
  const auto unlock = [&](const char* step, const std::string& body) {
    world.ask(broker, step, world.request(RequestCode::UNLOCK_BATCH_MQ, {}, body));
  };
  lock("the first takes 0 and 1", make_body(world, "c1", {0, 1}));
  lock("the second gets 2 of 1 and 2", make_body(world, "c2", {1, 2}));
  lock("the first again", make_body(world, "c1", {0, 1}));
  lock("another group", make_body(world, "c2", {0, 1}, "other"));
  unlock("by another than the owner", make_body(world, "c2", {0}));
  lock("still the first's", make_body(world, "c2", {0}));
  unlock("by the owner", make_body(world, "c1", {0}));
  lock("now the second's", make_body(world, "c2", {0}));
  unlock("of an unknown group", make_body(world, "c1", {0}, "nobody"));
  lock("no queues", make_body(world, "c1", {}));
}

void one_way_unlock(World& world) {
  Connection broker(world.target().broker);
  world.need(broker, world.request(RequestCode::LOCK_BATCH_MQ, {}, make_body(world, "c1", {0})));
  wire::Command unlock =
      world.request(RequestCode::UNLOCK_BATCH_MQ, {}, make_body(world, "c1", {0}));
  unlock.flag = wire::kFlagOneway;
  broker.send(unlock);
  world.need_until(
      broker,
      [&] { return world.request(RequestCode::LOCK_BATCH_MQ, {}, make_body(world, "c2", {0})); },
      [](const wire::Command& answer) { return answer.body.find("queueId") != std::string::npos; });
  world.note("unlocked", broker.next_answer(unlock.opaque, milliseconds(100)) ? "answered" : "yes");
}

void with_bad_bodies(World& world) {
  Connection broker(world.target().broker);
  for (const char* body : {"", "no json", "[]", "{}"}) {
    world.ask(broker, std::string("lock ") + body,
              world.request(RequestCode::LOCK_BATCH_MQ, {}, body));
    world.ask(broker, std::string("unlock ") + body,
              world.request(RequestCode::UNLOCK_BATCH_MQ, {}, body));
  }
}

constexpr Case kCases[] = {
    {"lock.by_two_clients", by_two_clients},
    {"lock.one_way_unlock", one_way_unlock},
    {"lock.with_bad_bodies", with_bad_bodies},
};

}  // namespace

std::span<const Case> lock_cases() { return kCases; }

}  // namespace rmq::conformance
