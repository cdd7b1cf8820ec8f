// What the network between clients and servers does.
#include "tests/property/consumer_process.h"
#include "tests/property/fault_kind.h"
#include "tests/property/producer_process.h"

namespace rmq::sim {
namespace {

using transport::ConnectBehaviour;
using transport::MemoryConnection;

template <void (MemoryConnection::*act)()>
void inject_on_some(World& world, Draw& draw, base::Duration) {
  const double share = draw.chance(0.5) ? 1 : 0.3;
  for (const auto& connection : world.network.connections()) {
    if (draw.chance(share)) (*connection.*act)();
  }
}

void inject_stall(World& world, Draw& draw, base::Duration duration) {
  for (const auto& connection : world.network.connections()) {
    if (!draw.chance(0.5)) continue;
    connection->stall();
    world.after(duration, [connection] { connection->resume(); });
  }
}

// Connections that are made from now on, to servers that are there.
template <ConnectBehaviour behaviour>
void inject_connect(World& world, Draw&, base::Duration duration) {
  world.network.default_behaviour().connect = behaviour;
  world.after(duration,
              [&world] { world.network.default_behaviour().connect = ConnectBehaviour::kAccept; });
}

void inject_slow_network(World& world, Draw& draw, base::Duration duration) {
  transport::AddressBehaviour& behaviour = world.network.default_behaviour();
  behaviour.latency = draw.between(base::milliseconds(1), base::milliseconds(400));
  behaviour.jitter = draw.between(base::milliseconds(0), base::milliseconds(200));
  behaviour.random_chunks = true;
  behaviour.window_bytes = static_cast<std::size_t>(draw.between(512, 64 * 1024));
  for (const auto& connection : world.network.connections()) connection->cut();
  world.after(duration, [&world] { world.calm_network(); });
}

void inject_split(World& world, Draw& draw, base::Duration duration) {
  transport::MemoryLoop& broker = world.broker_loop(draw.below(world.broker_count()));
  world.network.set_side(broker, 1);
  world.after(duration, [&world, &broker] { world.network.set_side(broker, 0); });
}

// A byte is damaged in the length of the next frame that comes, so that the frame never gets whole,
// or swallows those behind it.
void inject_damaged_length(World& world, Draw& draw, base::Duration) {
  for (const auto& connection : world.network.connections()) {
    if (draw.chance(0.5)) {
      connection->damage_next_write(MemoryConnection::kServer, draw.below(4));
    }
  }
}

// One client is away from everything.
void inject_lonely_client(World& world, Draw& draw, base::Duration duration) {
  if (world.consumers.empty()) return;
  ConsumerProcess& process = *world.consumers[draw.below(world.consumers.size())];
  if (process.is_ending()) return;
  process.set_side(2);
  world.after(duration, [&process] {
    if (process.has_power()) process.set_side(0);
  });
}

void inject_power_cut(World& world, Draw& draw, base::Duration) {
  if (draw.chance(0.3) && !world.producers.empty()) {
    world.producers[draw.below(world.producers.size())]->cut_power();
  } else if (!world.consumers.empty()) {
    world.consumers[draw.below(world.consumers.size())]->cut_power();
  }
}

const Registration<FaultKind> kNetworkFaults{
    {"reset", inject_on_some<&MemoryConnection::reset>},
    {"cut", inject_on_some<&MemoryConnection::cut>},
    {"half_open", inject_on_some<&MemoryConnection::go_silent>},
    {"stall", inject_stall},
    {"damaged_length", inject_damaged_length},
    {"refuse", inject_connect<ConnectBehaviour::kRefuse>},
    {"unreachable", inject_connect<ConnectBehaviour::kUnreachable>},
    {"connect_hangs", inject_connect<ConnectBehaviour::kNever>},
    {"slow_network", inject_slow_network},
    {"split", inject_split},
    {"lonely_client", inject_lonely_client},
    {"power_cut", inject_power_cut},
};

}  // namespace
}  // namespace rmq::sim
