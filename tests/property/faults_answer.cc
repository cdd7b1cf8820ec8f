// What a broker or NameServer does wrong to single requests, for some time.
#include "protocol/request_code.h"
#include "tests/property/fault_kind.h"

namespace rmq::sim {
namespace {

using protocol::RequestCode;
namespace fault = testbroker::fault;

constexpr RequestCode kBrokerRequests[] = {
    RequestCode::SEND_MESSAGE_V2,
    RequestCode::SEND_MESSAGE_V2,
    RequestCode::PULL_MESSAGE,
    RequestCode::PULL_MESSAGE,
    RequestCode::QUERY_CONSUMER_OFFSET,
    RequestCode::UPDATE_CONSUMER_OFFSET,
    RequestCode::HEART_BEAT,
    RequestCode::GET_CONSUMER_LIST_BY_GROUP,
    RequestCode::CONSUMER_SEND_MSG_BACK,
    RequestCode::UNREGISTER_CLIENT,
    RequestCode::GET_MAX_OFFSET,
};
// What brokers answer when they cannot, and clients have to live with: 1 and 2 as words in
// protocol.md, the others by their meaning to one request or the other.
constexpr std::int32_t kErrorCodes[] = {1, 2, 3, 14, 16, 17, 22, 24, 25, 26, 204, 205, 1500};
// What brokers answer after they have stored a message: not as safely as was asked for, or that
// something went wrong.
constexpr std::int32_t kStoredCodes[] = {1, 10, 11, 12};

testbroker::Server& choose_server(World& world, Draw& draw) {
  const std::uint64_t index = draw.below(world.broker_count() + 1);
  return index == world.broker_count() && draw.chance(0.5)
             ? *world.cluster.nameserver()
             : world.broker(index % world.broker_count());
}

// The rule stays for `duration`, for one kind of request or all of them.
void add_rule(World& world, Draw& draw, base::Duration duration, testbroker::Fault fault,
              bool may_be_any = true) {
  testbroker::Server& server = choose_server(world, draw);
  const bool is_any = may_be_any && draw.chance(0.3);
  testbroker::Rule& rule =
      is_any ? server.script().on_any()
             : server.script().on(server.options().broker ? draw.pick<RequestCode>(kBrokerRequests)
                                                          : RequestCode::GET_ROUTEINFO_BY_TOPIC);
  rule.with_chance(draw.chance(0.3) ? 1 : 0.3);
  // Rules are counted, so a rule that is over is one that has been told where to end.
  testbroker::Rule* place = &rule;
  rule.then(std::move(fault));
  world.after(duration, [place] { place->first(0); });
}

template <testbroker::Fault (*make)()>
void inject_plain(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, duration, make());
}

void inject_delay(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, duration,
           fault::delay(draw.between(base::milliseconds(1), base::milliseconds(8000))));
}
void inject_error(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, duration, fault::error(draw.pick<std::int32_t>(kErrorCodes), "simulated"));
}
void inject_not_flushed(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = world.broker(draw.below(world.broker_count()));
  testbroker::Rule& rule = server.script().on(RequestCode::SEND_MESSAGE_V2);
  rule.with_chance(0.5).then(fault::recode(draw.pick<std::int32_t>(kStoredCodes)));
  world.after(duration, [place = &rule] { place->first(0); });
}
void inject_cut_after(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, duration, fault::cut_after(draw.below(200)));
}
void inject_garbage(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, duration, fault::garbage(static_cast<std::size_t>(draw.between(1, 5000))));
}
// A message of each answer cannot be read, mostly; the broker has it as it was.
void inject_damaged_message(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = world.broker(draw.below(world.broker_count()));
  testbroker::Rule& rule = server.script().on(RequestCode::PULL_MESSAGE);
  rule.with_chance(0.7).then(fault::damage(static_cast<std::size_t>(draw.between(1, 3))));
  world.after(duration, [place = &rule] { place->first(0); });
}
void inject_slow_reading(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, duration,
           fault::stall_reading(draw.between(base::milliseconds(10), base::milliseconds(6000))));
}
// Answers wait, and come in the reverse order.
void inject_reversed(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = choose_server(world, draw);
  testbroker::Rule& rule = server.script().on_any();
  rule.with_chance(0.3).then(fault::hold());
  for (base::Duration at{0}; at < duration; at += std::chrono::milliseconds(500)) {
    world.after(at, [&server] { server.release_held(testbroker::Release::reversed); });
  }
  world.after(duration, [place = &rule, &server] {
    place->first(0);
    server.release_held(testbroker::Release::reversed);
  });
}
void inject_trickle(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, duration,
           fault::read_slowly(static_cast<std::size_t>(draw.between(100, 400'000))));
}
void inject_dumb(World& world, Draw& draw, base::Duration duration) {
  add_rule(world, draw, std::min<base::Duration>(duration, std::chrono::seconds(3)),
           fault::go_dumb());
}

const Registration<FaultKind> kAnswerFaults{
    {"delay", inject_delay},
    {"no_answer", inject_plain<fault::no_answer>},
    {"lost_request", inject_plain<fault::drop_request>},
    {"error_answer", inject_error},
    {"not_flushed", inject_not_flushed},
    {"half_frame", inject_plain<fault::cut_half>},
    {"cut_after", inject_cut_after},
    {"duplicate_answer", inject_plain<fault::duplicate>},
    {"garbage", inject_garbage},
    {"damaged_message", inject_damaged_message},
    {"slow_reading", inject_slow_reading},
    {"slow_reader", inject_trickle},
    {"dumb_connection", inject_dumb},
    {"out_of_order", inject_plain<fault::out_of_order>},
    {"reversed", inject_reversed},
};

}  // namespace
}  // namespace rmq::sim
