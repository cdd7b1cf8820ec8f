// What happens to whole servers, and to what they know.
#include <algorithm>

#include "tests/property/fault_kind.h"

namespace rmq::sim {
namespace {

using testbroker::Memory;

std::size_t choose_broker(World& world, Draw& draw) { return draw.below(world.broker_count()); }

void inject_restart(World& world, Draw& draw, base::Duration duration) {
  world.broker(choose_broker(world, draw)).crash(duration, Memory::kept);
}

void inject_memory_loss(World& world, Draw& draw, base::Duration duration) {
  const std::size_t broker = choose_broker(world, draw);
  world.audit.note_memory_lost(broker);
  for (std::size_t i = 0; i <= world.shape.slaves; ++i) {
    testbroker::Server& replica = *world.cluster.replica(broker, i);
    replica.lose_memory();
    replica.crash(duration, Memory::kept);
  }
}

// The master dies, a slave takes over, and the old master comes back as a slave.
void inject_promotion(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& master = world.broker(choose_broker(world, draw));
  master.crash(duration, Memory::kept);
  world.after(std::min<base::Duration>(duration, std::chrono::seconds(2)), [&world, &master] {
    // Refused when no slave is up: then the master comes back as what it was.
    static_cast<void>(world.cluster.cluster().promote(master).ok());
  });
}

void inject_freeze(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = world.broker(choose_broker(world, draw));
  server.pause();
  world.after(duration, [&server] { server.resume(); });
}

void inject_no_nameserver(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = *world.cluster.nameserver();
  if (draw.chance(0.5)) {
    server.crash(duration, Memory::kept);
  } else {
    server.pause();
    world.after(duration, [&server] { server.resume(); });
  }
}

// New connections are refused, the others live on.
void inject_not_listening(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = world.broker(choose_broker(world, draw));
  server.stop_listening();
  world.after(duration, [&world, &server] {
    if (server.is_up() && !server.start().ok()) world.mistake("a server did not listen again");
  });
}

void inject_route_change(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = world.broker(choose_broker(world, draw));
  server.leave_routes();
  world.after(duration, [&server] { server.join_routes(); });
}

// More queues, or fewer to write to: those that hold messages stay readable.
void inject_queue_count(World& world, Draw& draw, base::Duration) {
  testbroker::Server& server = world.broker(choose_broker(world, draw));
  testbroker::TopicConfig topic = *server.state().find_topic(kTopic);
  topic.read_queues += static_cast<std::int32_t>(draw.between(0, 3));
  topic.write_queues = static_cast<std::int32_t>(draw.between(1, topic.read_queues));
  server.state().put_topic(topic);
}

void inject_lost_offset(World& world, Draw& draw, base::Duration) {
  if (world.groups.empty()) return;
  testbroker::Server& server = world.broker(choose_broker(world, draw));
  const GroupPlan& group = world.groups[draw.below(world.groups.size())];
  const std::int32_t queues = server.state().find_topic(kTopic)->read_queues;
  server.offsets().lose(group.name, kTopic,
                        static_cast<std::int32_t>(draw.below(static_cast<std::uint64_t>(queues))));
}

void inject_late_polls(World& world, Draw& draw, base::Duration duration) {
  testbroker::Server& server = world.broker(choose_broker(world, draw));
  server.set_late_polls(draw.between(base::milliseconds(100), base::milliseconds(20'000)));
  world.after(duration, [&server] { server.set_late_polls(base::Duration{0}); });
}

void inject_clock_jump(World& world, Draw& draw, base::Duration) {
  world.network.clock().jump_wall_ms(draw.between(-3'600'000, 3'600'000));
}

const Registration<FaultKind> kServerFaults{
    {"restart", inject_restart},
    {"memory_loss", inject_memory_loss},
    {"promotion", inject_promotion, true},
    {"freeze", inject_freeze},
    {"no_nameserver", inject_no_nameserver},
    {"not_listening", inject_not_listening},
    {"route_change", inject_route_change},
    {"queue_count", inject_queue_count},
    {"lost_offset", inject_lost_offset},
    {"late_polls", inject_late_polls},
    {"clock_jump", inject_clock_jump},
};

}  // namespace
}  // namespace rmq::sim
