// A simulated world for the property suite: one NameServer, some brokers, the processes of users,
// and an agenda of what happens when. All of it on one thread and from one seed.
//
// Owned by a run (run.h). Everything that happens by itself is an event of the network, so that
// turning the clock is all that a run does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/property/draw.h"
#include "tests/property/ledger.h"
#include "tests/property/store_audit.h"
#include "tests/support/memory_cluster.h"
#include "transport/memory_loop.h"
#include "transport/memory_network.h"

namespace rmq::sim {

class ConsumerProcess;
class ProducerProcess;
class Workload;

struct WorldShape {
  std::int32_t version = 0;
  std::size_t brokers = 1;
  std::size_t slaves = 0;     // of each broker, with all that it has at once
  std::int32_t queues = 4;    // of the topic, on each broker
  base::Duration troubled{};  // how long workloads and faults go on
  // In some worlds some messages are large, and lines are slow: a direction carries a window in two
  // latencies.
  std::size_t body_bytes_max = 2000;
  bool is_patient = false;  // large messages have the longest time limit
  std::size_t window_bytes = 256 * 1024;
  base::Duration latency = std::chrono::microseconds(100);
  bool has_tls = false;

  bool has_large_bodies() const { return body_bytes_max > kLargeBytes; }
  static constexpr std::size_t kLargeBytes = 64 * 1024;

  static WorldShape draw(Draw& draw);

 private:
  void draw_large_bodies(Draw& draw);
};

// A consumer group of the world: its members come and go, what it reads stays.
struct GroupPlan {
  std::string name;
  std::string expression;  // of tags: "*", "a", "a || b"

  bool wants(std::string_view tag) const;
};

inline constexpr const char* kTopic = "orders";
inline constexpr const char* kNameServer = "10.0.0.1:9876";

class World {
 public:
  World(std::uint64_t seed, const WorldShape& shape);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  base::Instant now() const { return network.now(); }
  // Runs `action` then, unless the world has ended.
  void after(base::Duration delay, std::function<void()> action);
  // The address of one more process, "10.2.0.7".
  std::string next_address();

  ProducerProcess& add_producer(std::uint64_t seed);
  ConsumerProcess& add_consumer(const GroupPlan& group, std::uint64_t seed);
  // The present master.
  testbroker::Server& broker(std::size_t index) { return *cluster.master(index); }
  std::size_t broker_count() const { return cluster.broker_count(); }
  transport::MemoryLoop& broker_loop(std::size_t index) { return cluster.master(index).loop(); }

  // The faults have ended, or members of a group changed: rules that allow some time for it to
  // settle count from here.
  void note_disturbance() { disturbed_at = now(); }
  // Takes every fault back that a real operator would: servers run, networks are whole. Connections
  // that went silent stay so.
  void end_faults();
  // New connections behave as the shape says.
  void calm_network();
  void mistake(std::string text) { ledger.mistakes.push_back(std::move(text)); }

  const WorldShape shape;
  transport::MemoryNetwork network;
  test::MemoryCluster cluster;
  transport::MemoryLoop hand;  // whose agenda after() fills
  StoreAudit audit;
  Ledger ledger;
  std::vector<GroupPlan> groups;
  std::vector<std::unique_ptr<Workload>> workloads;
  std::vector<std::unique_ptr<ProducerProcess>> producers;  // gone ones included
  std::vector<std::unique_ptr<ConsumerProcess>> consumers;
  base::Instant disturbed_at{};
  bool has_faults = true;                          // some time
  bool had_faults = false;                         // until now
  std::size_t large_bytes_left = 8 * 1024 * 1024;  // in bodies: what a world can carry in its time
  bool is_ending = false;                          // workloads start nothing more

 private:
  void heal(test::MemoryServer& server);

  std::uint32_t processes_ = 0;
};

}  // namespace rmq::sim
