#include "tests/property/world.h"

#include <algorithm>
#include <utility>

#include "tests/property/consumer_process.h"
#include "tests/property/producer_process.h"
#include "tests/property/workload.h"
#include "tests/support/simulated_tls.h"

namespace rmq::sim {
namespace {

constexpr std::int32_t kVersions[] = {407, 493};  // 4.9.7 and 5.4.0

testbroker::ServerOptions make_options(const WorldShape& shape) {
  testbroker::ServerOptions options;
  options.version = shape.version;
  if (shape.has_tls) options.listen = test::simulated_tls().listen;
  options.topics = {{.name = kTopic, .read_queues = shape.queues, .write_queues = shape.queues}};
  return options;
}

}  // namespace

WorldShape WorldShape::draw(Draw& draw) {
  WorldShape shape;
  shape.version = kVersions[draw.below(std::size(kVersions))];
  shape.brokers = static_cast<std::size_t>(draw.between(1, 3));
  shape.slaves = draw.chance(0.3) ? 1 : 0;
  shape.queues = static_cast<std::int32_t>(draw.between(1, 4));
  shape.troubled = draw.between(std::chrono::seconds(10), std::chrono::seconds(60));
  if (draw.chance(0.2)) shape.draw_large_bodies(draw);
  shape.has_tls = draw.chance(0.03);
  return shape;
}

// The slowest line carries 250 KB a second, which moves a patient message within its time, with
// another one before it.
void WorldShape::draw_large_bodies(Draw& draw) {
  constexpr std::int64_t kBytesPerSecondMin = 250'000;
  constexpr std::int64_t kBytesPerSecondMax = 20'000'000;
  constexpr std::size_t kPatientBytesMax = 900'000;
  constexpr std::size_t kBytesMax = 3'000'000;
  is_patient = draw.chance(0.5);
  body_bytes_max = is_patient ? kPatientBytesMax : kBytesMax;
  const std::int64_t rate = draw.between(kBytesPerSecondMin, kBytesPerSecondMax);
  latency = draw.between(std::chrono::microseconds(100), base::milliseconds(50));
  const std::int64_t in_two_latencies = rate * 2 * latency.count() / 1'000'000'000;
  window_bytes = static_cast<std::size_t>(std::max<std::int64_t>(in_two_latencies, 2000));
}

bool GroupPlan::wants(std::string_view tag) const {
  return expression == "*" || expression.find(tag) != std::string::npos;
}

World::World(std::uint64_t seed, const WorldShape& its_shape)
    : shape(its_shape),
      network(seed),
      cluster(network, its_shape.brokers, make_options(its_shape), {.slaves = its_shape.slaves}),
      hand(network, "10.9.9.9"),
      audit(cluster) {
  calm_network();
}

World::~World() = default;

void World::after(base::Duration delay, std::function<void()> action) {
  network.schedule(hand, now() + delay, std::move(action));
}

std::string World::next_address() {
  ++processes_;
  return "10.2." + std::to_string(processes_ / 200) + "." + std::to_string(1 + processes_ % 200);
}

ProducerProcess& World::add_producer(std::uint64_t seed) {
  producers.push_back(std::make_unique<ProducerProcess>(*this, seed));
  return *producers.back();
}

ConsumerProcess& World::add_consumer(const GroupPlan& group, std::uint64_t seed) {
  consumers.push_back(std::make_unique<ConsumerProcess>(*this, group, seed));
  return *consumers.back();
}

void World::heal(test::MemoryServer& server) {
  network.set_side(server.loop(), 0);
  server->script().clear();
  server->resume();
  server->release_held();
  if (!server->is_listening() && !server->start().ok()) mistake("a server did not start again");
  server->join_routes();
}

void World::calm_network() {
  transport::AddressBehaviour& behaviour = network.default_behaviour();
  behaviour = {};
  behaviour.window_bytes = shape.window_bytes;
  behaviour.latency = shape.latency;
}

void World::end_faults() {
  calm_network();
  heal(cluster.nameserver());
  for (std::size_t i = 0; i < broker_count(); ++i) {
    for (std::size_t replica = 0; replica <= shape.slaves; ++replica) {
      heal(cluster.replica(i, replica));
    }
  }
  for (const auto& connection : network.connections()) connection->resume();
  note_disturbance();
}

}  // namespace rmq::sim
