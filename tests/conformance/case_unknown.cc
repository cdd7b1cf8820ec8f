// Request codes that a server does not serve.
#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

void by_the_broker(World& world) {
  Connection broker(world.target().broker);
  for (const int code : {0, 9999, 32767, -1}) {
    world.ask(broker, std::to_string(code), world.request(code));
  }
  wire::Command one_way = world.request(9999);
  one_way.flag = wire::kFlagOneway;
  world.ask_or_silence(broker, "one-way", one_way);
  wire::Command response = world.request(9999);
  response.flag = wire::kFlagResponse;
  world.ask_or_silence(broker, "response to nothing", response);
  world.ask(broker, "of the NameServer",
            world.request(RequestCode::GET_ROUTEINFO_BY_TOPIC, {{"topic", world.name("t")}}));
}

void by_the_nameserver(World& world) {
  Connection nameserver(world.target().nameserver);
  world.ask_or_silence(nameserver, "9999", world.request(9999));
  world.ask_or_silence(nameserver, "of the broker", make_send(world, {.topic = world.name("t")}));
}

// 100001 does not fit the compact header.
void large_code(World& world) {
  Connection broker(world.target().broker);
  world.ask(broker, "100001", world.request(100001));
}

constexpr Case kCases[] = {
    {"unknown.by_the_broker", by_the_broker},
    {"unknown.by_the_nameserver", by_the_nameserver},
    {"unknown.large_code", large_code, false},
};

}  // namespace

std::span<const Case> unknown_cases() { return kCases; }

}  // namespace rmq::conformance
